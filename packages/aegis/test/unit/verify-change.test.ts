import { canonicalJson, diff, invert, type Manifest, type ManifestEdit } from "@harnessx/core";
import { describe, expect, it } from "vitest";
import { usePath, type Candidate, type ChangeManifest } from "../../src/evolve/index.ts";
import { checkChangeManifest } from "../../src/verify/change-manifest.ts";
import { good, toolPackage } from "../verify/packages.ts";

const parent: Manifest = {
  name: "shop",
  version: "1",
  processors: [{ id: "notes", use: "@harnessx/processor-notes", options: { max: 3 } }],
  limits: { maxSteps: 20 },
};
const insert: ManifestEdit = {
  op: "insert",
  section: "processors",
  after: "notes",
  entry: { id: "fixture", use: usePath(good) },
};
const child: Manifest = {
  ...parent,
  processors: [...parent.processors!, { id: "fixture", use: usePath(good) }],
};

const honest: ChangeManifest = {
  dims: ["control"],
  bucket: "processor",
  intent: "gain",
  pathology: "error_ignored",
  evidence: ["run-1#4"],
  mechanism: "It advises after failures.",
  touches: [
    { hook: "beforeModel", slot: "", key: "fixture" },
    { hook: "afterTool", slot: "", key: "fixture" },
  ],
  predict: { unlock: [], stabilise: [], atRisk: [], delta: 4, costRatio: 1.1 },
  signature: { component: "fixture", minShareOfFlips: 0.6 },
  capability: [],
  rollback: {
    to: "parent",
    sideEffects: "none",
    undo: invert([insert]).map((edit) => canonicalJson(edit)),
  },
};
const candidate = (
  manifest: Partial<ChangeManifest> = {},
  rest: Partial<Candidate> = {},
): Candidate => ({
  v: 1,
  id: "c",
  parent: "parent",
  operator: "template:fixture",
  scope: "all",
  edits: [insert],
  packages: [good],
  ...rest,
  manifest: { ...honest, ...manifest },
});
const real = diff(parent, child);
const raised = (limits: Manifest["limits"]): readonly ManifestEdit[] =>
  diff(
    parent,
    limits
      ? { ...child, limits }
      : { name: child.name, version: child.version, processors: child.processors! },
  );

describe("checkChangeManifest", () => {
  it("has nothing to say of an honest candidate", () => {
    expect(checkChangeManifest(candidate(), real)).toEqual([]);
  });

  it.each<[string, Candidate, readonly ManifestEdit[], RegExp[]]>([
    [
      "a dimension too many",
      candidate({ dims: ["control", "memory"] }),
      real,
      [/does not edit memory/],
    ],
    ["a dimension too few", candidate({ dims: [] }), real, [/edits control undeclared/]],
    [
      "a frozen dimension",
      candidate({ dims: ["control", "evaluation"] }),
      real,
      [/frozen/, /does not edit evaluation/],
    ],
    ["another bucket", candidate({ bucket: "prompt" }), real, [/bucket/]],
    [
      "a hook undeclared",
      candidate({ touches: honest.touches.slice(1) }),
      real,
      [/taps beforeModel/],
    ],
    [
      "a hook that it does not tap",
      candidate({ touches: [...honest.touches, { hook: "stepEnd", slot: "", key: "fixture" }] }),
      real,
      [/does not tap stepEnd/],
    ],
    [
      "a component that does not change",
      candidate({ touches: [...honest.touches, { hook: "taskStart", slot: "", key: "notes" }] }),
      real,
      [/notes is declared/],
    ],
    [
      "another component that must act",
      candidate({ signature: { component: "notes", minShareOfFlips: 0.6 } }),
      real,
      [/notes is declared/],
    ],
    [
      "a change beside its edits",
      candidate(),
      [...real, { op: "configure", id: "notes", from: { max: 3 }, to: { max: 9 } }],
      [/#notes options changes and no edit/, /notes changes undeclared/],
    ],
    [
      "an edit that changes nothing",
      candidate(),
      [],
      [/claimed to change/, /no edit uses/, /fixture is declared/],
    ],
    [
      "another entry than its edit says",
      candidate(),
      real.map((edit) =>
        edit.op === "insert" ? { ...edit, entry: { ...edit.entry, options: { limit: 9 } } } : edit,
      ),
      [/something else/],
    ],
    [
      "a package that it does not bring",
      candidate({}, { packages: [] }),
      real,
      [/not part of the candidate/, /bucket/],
    ],
    [
      "a budget raise",
      candidate(),
      raised({ maxSteps: 60 }),
      [/no edit says so/, /changes undeclared/, /raises maxSteps/],
    ],
    [
      "a limit taken away",
      candidate(),
      raised(undefined),
      [/no edit says so/, /changes undeclared/, /raises maxSteps/],
    ],
    [
      "a limit that is lowered in silence",
      candidate(),
      raised({ maxSteps: 9 }),
      [/no edit says so/, /changes undeclared/],
    ],
    [
      "a limit that is declared and stays",
      candidate({ touches: [...honest.touches, { hook: "", slot: "limits", key: "maxSteps" }] }),
      real,
      [/does not change/],
    ],
    [
      "a name that is not its own",
      candidate(),
      [...real, { op: "set", path: ["name"], from: "shop", to: "x" }],
      [/no edit says so/, /not an evolution's/],
    ],
    [
      "a rollback to elsewhere",
      candidate({ rollback: { ...honest.rollback, to: "other" } }),
      real,
      [/rollback/],
    ],
    [
      "a rollback that undoes nothing",
      candidate({ rollback: { ...honest.rollback, undo: [] } }),
      real,
      [/undo/],
    ],
  ])("finds %s", (_name, one, edits, expected) => {
    const findings = checkChangeManifest(one, edits);
    expect(findings).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) expect(findings[index]).toMatch(pattern);
  });

  it("lets a declared limit be lowered, and raised where the caller says so", () => {
    const edits: ManifestEdit[] = [
      insert,
      { op: "set", path: ["limits", "maxSteps"], from: 20, to: 60 },
    ];
    const declared = candidate(
      {
        touches: [...honest.touches, { hook: "", slot: "limits", key: "maxSteps" }],
        rollback: { ...honest.rollback, undo: invert(edits).map((edit) => canonicalJson(edit)) },
      },
      { edits },
    );
    expect(checkChangeManifest(declared, raised({ maxSteps: 60 }))).toEqual([
      "limits: it raises maxSteps",
    ]);
    expect(
      checkChangeManifest(declared, raised({ maxSteps: 60 }), { mayRaise: ["maxSteps"] }),
    ).toEqual([]);
  });

  it("knows tools by their section and kind", () => {
    const tools = toolPackage("good.example");
    const edit: ManifestEdit = {
      op: "insert",
      section: "tools",
      after: null,
      entry: { id: "lookup", use: usePath(tools) },
    };
    const one = candidate(
      {
        dims: ["tools"],
        bucket: "tools",
        touches: [],
        signature: { component: "lookup", minShareOfFlips: 0.6 },
        rollback: { ...honest.rollback, undo: invert([edit]).map((each) => canonicalJson(each)) },
      },
      { edits: [edit], packages: [tools] },
    );
    expect(checkChangeManifest(one, [edit])).toEqual([]);
    expect(
      checkChangeManifest({ ...one, manifest: { ...one.manifest, bucket: "processor" } }, [edit]),
    ).toEqual(["bucket: it is tools, not processor"]);
  });
});
