import { badRequest } from "../http/failure.ts";

/** Pictures that one request may carry. */
const MAX_IMAGES = 16;

/** A picture of the task. */
export interface Picture {
  readonly mediaType: string;
  readonly data: string;
}

/** What a message says and shows. */
export interface Content {
  readonly text: string;
  readonly images: readonly Picture[];
}

/** Reads a message's content, of Chat Completions as of Responses. Throws a `Failure` for what an agent cannot take. */
export function readContent(content: unknown, at: string): Content {
  if (content === undefined || content === null) return { text: "", images: [] };
  if (typeof content === "string") return { text: content, images: [] };
  if (!Array.isArray(content)) throw badRequest("Content is a text or a list of parts.", at);
  const parts = content.map((part, index) => readPart(part, `${at}[${index}]`));
  const images = parts.filter((part): part is Picture => typeof part !== "string");
  if (images.length > MAX_IMAGES) throw badRequest(`There are more than ${MAX_IMAGES} images.`, at);
  return { text: parts.filter((part) => typeof part === "string").join("\n"), images };
}

function readPart(part: unknown, at: string): string | Picture {
  const { type, text, refusal, image_url: url } = (part ?? {}) as Record<string, unknown>;
  switch (type) {
    case "text":
    case "input_text":
    case "output_text":
      if (typeof text === "string") return text;
      throw badRequest("A text part needs a text.", `${at}.text`);
    case "refusal":
      return typeof refusal === "string" ? refusal : "";
    case "image_url":
      return readPicture((url as { url?: unknown } | undefined)?.url, `${at}.image_url.url`);
    case "input_image":
      return readPicture(url, `${at}.image_url`);
    default:
      throw badRequest(
        `Parts of type ${JSON.stringify(type) ?? "none"} are not supported.`,
        `${at}.type`,
      );
  }
}

/** Only pictures that the client sends along: fetching what it names would reach into the server's network. */
function readPicture(url: unknown, at: string): Picture {
  const [, mediaType, data] =
    /^data:(image\/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/]+={0,2})$/.exec(String(url)) ?? [];
  if (mediaType === undefined || data === undefined)
    throw badRequest("An image is a data URL: image/png, jpeg, gif or webp in base64.", at);
  return { mediaType, data };
}
