/** One law of the plugin contract and whether the plugin keeps it. */
export interface ConformanceCheck {
  readonly name: string;
  readonly ok: boolean;
  /** What was found, in one or two sentences. */
  readonly detail: string;
}

/** What `testPlugin` found. Laws that could not be judged, because an earlier one is broken, are not listed. */
export interface ConformanceReport {
  readonly ok: boolean;
  /** npm name of the package, or its folder when the name cannot be read. */
  readonly plugin: string;
  readonly checks: readonly ConformanceCheck[];
}

/** Thrown by `assertConformant`. */
export class ConformanceError extends Error {
  override readonly name = "ConformanceError";
  readonly report: ConformanceReport;

  constructor(report: ConformanceReport) {
    super(renderReport(report));
    this.report = report;
  }
}

/** A report as text: the broken laws first, each with what was found. */
export function renderReport(report: ConformanceReport): string {
  const broken = report.checks.filter((check) => !check.ok);
  const kept = report.checks.filter((check) => check.ok);
  const title =
    broken.length === 0
      ? `${report.plugin} keeps the plugin contract.`
      : `${report.plugin} breaks the plugin contract: ${broken.map(({ name }) => name).join(", ")}.`;
  return [
    title,
    ...broken.map(({ name, detail }) => `  ✗ ${name}: ${detail}`),
    ...kept.map(({ name, detail }) => `  ✓ ${name}: ${detail}`),
  ].join("\n");
}

/** Collects findings: a check is broken when anything was found against it. */
export class Findings {
  readonly #found = new Map<string, string[]>();

  /** Something that breaks the check `name`. */
  against(name: string, detail: string): void {
    const known = this.#found.get(name) ?? [];
    if (!known.includes(detail)) known.push(detail);
    this.#found.set(name, known);
  }

  breaks(name: string): boolean {
    return this.#found.has(name);
  }

  /** The check `name` as judged; `kept` says what was looked at when nothing was found. */
  check(name: string, kept: string): ConformanceCheck {
    const found = this.#found.get(name);
    if (!found) return { name, ok: true, detail: kept };
    const more = found.length > MAX_SHOWN ? ` (and ${found.length - MAX_SHOWN} more)` : "";
    return { name, ok: false, detail: `${found.slice(0, MAX_SHOWN).join(" ")}${more}` };
  }
}

const MAX_SHOWN = 3;
