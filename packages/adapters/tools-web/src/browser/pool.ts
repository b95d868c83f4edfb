import type { Browser, BrowserContext, Page } from "playwright-core";
import type { Guard } from "../guard/guard.ts";
import type { BrowserOptions } from "../options.ts";
import { findBrowser } from "./executable.ts";
import { startProxy, type GuardedProxy } from "./proxy.ts";

/** Quiet on machines without network, and no way around the proxy. */
const FLAGS = [
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-quic",
  "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
  // Without this loopback addresses would go past the proxy.
  "--proxy-bypass-list=<-loopback>",
] as const;

/** What the browser gets of this process's environment. */
const PASSED = ["PATH", "HOME", "LANG", "TZ", "TMPDIR"] as const;

interface Session {
  readonly context: BrowserContext;
  page: Page;
  timer: NodeJS.Timeout | undefined;
}

interface Running {
  readonly browser: Browser;
  readonly proxy: GuardedProxy;
}

/** One browser for all runs, started when it is first needed; a context with own cookies for each run. */
export class BrowserPool {
  readonly #guard: Guard;
  readonly #options: BrowserOptions;
  #running: Promise<Running> | undefined;
  readonly #sessions = new Map<string, Promise<Session>>();
  #closed = false;

  constructor(guard: Guard, options: BrowserOptions) {
    this.#guard = guard;
    this.#options = options;
  }

  /** The page of a run; opens its context when it has none. */
  async pageOf(runId: string): Promise<Page> {
    const opening = this.#sessions.get(runId) ?? this.#open();
    // The one that was used last comes last.
    this.#sessions.delete(runId);
    this.#sessions.set(runId, opening);
    await this.#dropOldest();
    try {
      const session = await opening;
      clearTimeout(session.timer);
      session.timer = setTimeout(() => void this.drop(runId), this.#options.idleMs);
      session.timer.unref();
      return session.page;
    } catch (thrown) {
      this.#sessions.delete(runId);
      throw thrown;
    }
  }

  /** Closes the context of a run. */
  async drop(runId: string): Promise<void> {
    const opening = this.#sessions.get(runId);
    this.#sessions.delete(runId);
    const session = await opening?.catch(() => undefined);
    clearTimeout(session?.timer);
    await session?.context.close().catch(() => undefined);
  }

  /** Closes everything. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#sessions.keys()].map((runId) => this.drop(runId)));
    const running = await this.#running?.catch(() => undefined);
    await running?.browser.close().catch(() => undefined);
    running?.proxy.close();
  }

  async #dropOldest(): Promise<void> {
    for (const runId of this.#sessions.keys()) {
      if (this.#sessions.size <= this.#options.maxContexts) return;
      await this.drop(runId);
    }
  }

  async #open(): Promise<Session> {
    if (this.#closed) throw new Error("the harness is closed");
    const { browser } = await (this.#running ??= this.#start());
    const context = await browser.newContext({ acceptDownloads: false, serviceWorkers: "block" });
    const session: Session = { context, page: await context.newPage(), timer: undefined };
    // A link that opens a window leads there.
    context.on("page", (page) => {
      session.page = page;
      page.once("close", () => {
        const [first] = context.pages();
        if (first) session.page = first;
      });
    });
    return session;
  }

  async #start(): Promise<Running> {
    try {
      const executablePath = await findBrowser(this.#options.executablePath);
      const proxy = await startProxy(this.#guard);
      try {
        const browser = await launch(executablePath, proxy);
        // A browser that has crashed is started anew.
        browser.once("disconnected", () => {
          this.#running = undefined;
          this.#sessions.clear();
          proxy.close();
        });
        return { browser, proxy };
      } catch (thrown) {
        proxy.close();
        throw thrown;
      }
    } catch (thrown) {
      this.#running = undefined;
      throw thrown;
    }
  }
}

async function launch(executablePath: string, proxy: GuardedProxy): Promise<Browser> {
  // Loaded when a browser is needed: it is large.
  const { chromium } = await import("playwright-core");
  const { server, username, password } = proxy;
  return chromium.launch({
    executablePath,
    headless: true,
    // Chromium's own sandbox does not work for root.
    chromiumSandbox: process.getuid?.() !== 0,
    args: [...FLAGS],
    proxy: { server, username, password, bypass: "<-loopback>" },
    env: passedEnvironment(),
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}

function passedEnvironment(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of PASSED) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}
