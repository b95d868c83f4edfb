import type { OutputStream } from "../io.ts";
import { count, duration } from "./text.ts";

/** Shows how far a long command is: one moving line on a terminal, a plain line now and then elsewhere. */
export interface Progress {
  /** Without a total it shows how fast things go, and not how long they take. */
  update(done: number, total: number | undefined, label?: string): void;
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

/** What the rate is measured over: it starts anew when another stage begins. */
interface Stretch {
  readonly label: string;
  readonly from: number;
  readonly since: number;
}

function state({ from, since }: Stretch, done: number, total: number | undefined): string {
  const seconds = (Date.now() - since) / 1000;
  const rate = seconds > 0 ? (done - from) / seconds : 0;
  const speed = `${rate.toFixed(rate < 10 ? 1 : 0)}/s`;
  if (total === undefined) return `${count(done)}  ${speed}`;
  const left = rate > 0 && total > done ? `  ${duration(((total - done) / rate) * 1000)} left` : "";
  return `${count(done)}/${count(total)}  ${speed}${left}`;
}

const CELLS = 20;

function bar(done: number, total: number): string {
  const full = total > 0 ? Math.round((Math.min(done, total) / total) * CELLS) : 0;
  return "█".repeat(full) + "░".repeat(CELLS - full);
}

function movingLine(stream: OutputStream, title: string): Progress {
  let stretch: Stretch = { label: title, from: 0, since: Date.now() };
  let drawn = 0;
  let shown = false;
  return {
    update(done, total, label = title) {
      const now = Date.now();
      if (label !== stretch.label) stretch = { label, from: done, since: now };
      if (now - drawn < REDRAW_MS && done !== total) return;
      drawn = now;
      shown = true;
      const text = [
        label,
        ...(total === undefined ? [] : [bar(done, total)]),
        state(stretch, done, total),
      ].join("  ");
      stream.write(`\r\u001b[2K${text.slice(0, (stream.columns ?? 80) - 1)}`);
    },
    end() {
      if (shown) stream.write("\r\u001b[2K");
      shown = false;
    },
  };
}

function plainLines(stream: OutputStream, title: string): Progress {
  let written = Date.now();
  let stretch: Stretch = { label: title, from: 0, since: written };
  return {
    update(done, total, label = title) {
      const now = Date.now();
      if (label !== stretch.label) stretch = { label, from: done, since: now };
      if (now - written < QUIET_MS) return;
      written = now;
      stream.write(`${label}  ${state(stretch, done, total)}\n`);
    },
    end: () => undefined,
  };
}
