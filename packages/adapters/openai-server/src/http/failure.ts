/** Kinds of failure, as OpenAI names them. */
export type FailureType =
  | "invalid_request_error"
  | "authentication_error"
  | "permission_error"
  | "not_found_error"
  | "rate_limit_error"
  | "server_error";

/** The body of an error, as OpenAI writes it. */
export interface FailureBody {
  readonly error: {
    readonly message: string;
    readonly type: FailureType;
    readonly param: string | null;
    readonly code: string | null;
  };
}

/** A request that is answered with an error. */
export class Failure extends Error {
  constructor(
    readonly status: number,
    readonly type: FailureType,
    message: string,
    readonly facts: {
      readonly code?: string;
      readonly param?: string;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(message);
    this.name = "Failure";
  }

  toJSON(): FailureBody {
    const { message, type, facts } = this;
    return { error: { message, type, param: facts.param ?? null, code: facts.code ?? null } };
  }
}

/** A request that is wrong at `param`. */
export const badRequest = (message: string, param?: string, code?: string): Failure =>
  new Failure(400, "invalid_request_error", message, {
    ...(param === undefined ? {} : { param }),
    ...(code === undefined ? {} : { code }),
  });
