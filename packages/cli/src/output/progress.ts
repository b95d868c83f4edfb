import type { OutputStream } from "../io.ts";
import { count, duration, oneLine } from "./text.ts";

/** Shows how far a long command is: one moving line on a terminal, a plain line now and then elsewhere. */
export interface Progress {
  update(done: number, total: number, label?: string): void;
  /** Ends the line; call it before anything else is printed. */
  end(): void;
}

const SILENT: Progress = { update: () => undefined, end: () => undefined };
/** Between two plain lines; a log should stay short. */
const QUIET_MS = 5000;
const REDRAW_MS = 80;

/** Progress on `stream`. `silent` keeps it quiet. */
export function progress(
  stream: OutputStream,
  title: string,
  options: { readonly silent?: boolean } = {},
): Progress {
  if (options.silent) return SILENT;
  return stream.isTTY ? movingLine(stream, title) : plainLines(stream, title);
}

function state(started: number, base: number, done: number, total: number): string {
  const seconds = (Date.now() - started) / 1000;
  const rate = seconds > 0 ? (done - base) / seconds : 0;
  const left = rate > 0 && total > done ? `  ${duration(((total - done) / rate) * 1000)} left` : "";
  return `${count(done)}/${count(total)}  ${rate.toFixed(rate < 10 ? 1 : 0)}/s${left}`;
}

function movingLine(stream: OutputStream, title: string): Progress {
  const started = Date.now();
  let drawn = 0;
  let shown = false;
  return {
    update(done, total, label = title) {
      const now = Date.now();
      if (now - drawn < REDRAW_MS && done < total) return;
      drawn = now;
      shown = true;
      const cells = 20;
      const full = total > 0 ? Math.round((Math.min(done, total) / total) * cells) : 0;
      const bar = "█".repeat(full) + "░".repeat(cells - full);
      const text = `${label}  ${bar}  ${state(started, 0, done, total)}`;
      stream.write(`\r\u001b[2K${oneLine(text, (stream.columns ?? 80) - 1)}`);
    },
    end() {
      if (shown) stream.write("\r\u001b[2K");
      shown = false;
    },
  };
}

function plainLines(stream: OutputStream, title: string): Progress {
  const started = Date.now();
  let written = started;
  let last = "";
  return {
    update(done, total, label = title) {
      const now = Date.now();
      if (now - written < QUIET_MS) return;
      written = now;
      last = `${label}  ${state(started, 0, done, total)}`;
      stream.write(`${last}\n`);
    },
    end: () => undefined,
  };
}
