/** Options of the user-wrapper processor. */
export interface UserWrapperOptions {
  /** `steps` asks for thinking before acting, `xml` puts the text into tags, `template` uses `template`. */
  readonly style: "steps" | "xml" | "template";
  /** What the style `steps` adds behind the text. */
  readonly instruction: string;
  /** Name of the tag of the style `xml`. */
  readonly tag: string;
  /** The message of the style `template`; `{text}` stands for what the user wrote. */
  readonly template: string;
  /** Whether to wrap what the user says later in a conversation, too. */
  readonly turns: "all" | "first";
}
