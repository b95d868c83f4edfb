/** Sends a request like `fetch`, but no response grows beyond `limit` bytes; `tooLarge` makes the error. */
export function boundedFetch(limit: number, tooLarge: () => Error): typeof fetch {
  return async (input, init) => {
    // A key must not follow a redirect to another host.
    const response = await fetch(input, { ...init, redirect: "manual" });
    const { body, status, statusText, headers } = response;
    if (!body) return response;
    if (Number(headers.get("content-length") ?? 0) > limit) {
      await body.cancel();
      throw tooLarge();
    }
    return new Response(bounded(body, limit, tooLarge), { status, statusText, headers });
  };
}

function bounded(
  body: ReadableStream<Uint8Array>,
  limit: number,
  tooLarge: () => Error,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let bytes = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        bytes += value.byteLength;
        if (bytes <= limit) return controller.enqueue(value);
        const error = tooLarge();
        controller.error(error);
        await reader.cancel(error);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    // Nothing is read ahead: what nobody takes must not pile up here.
    { highWaterMark: 0 },
  );
}
