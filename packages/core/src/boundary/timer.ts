/** Node turns longer delays into one millisecond. */
const MAX_DELAY = 2 ** 31 - 1;

/** Calls back after `ms` milliseconds, also when that is weeks away or never; returns how to cancel. */
export function after(ms: number, callback: () => void): () => void {
  if (!Number.isFinite(ms)) return never;
  let timer: NodeJS.Timeout;
  const arm = (left: number): void => {
    timer = setTimeout(
      () => (left > MAX_DELAY ? arm(left - MAX_DELAY) : callback()),
      Math.min(Math.max(0, left), MAX_DELAY),
    );
  };
  arm(ms);
  return () => clearTimeout(timer);
}

function never(): void {
  // Nothing was started.
}
