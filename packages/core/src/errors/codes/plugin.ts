import type { ErrorTable } from "../../plugin/error.ts";

/** Loading and checking plugins. */
export const pluginErrors = {
  HX_PLUGIN_NOT_FOUND: {
    tag: "PluginError",
    message: "Package {package} is not installed where {from} looks for it.",
    hint: "Install it with npm install {package}, or correct the entry's use field.",
  },
  HX_PLUGIN_METADATA_MISSING: {
    tag: "PluginError",
    message: "Package {package} has no harnessx field in its package.json.",
    hint: "Add the harnessx field, or start from hx plugin new.",
  },
  HX_PLUGIN_METADATA_INVALID: {
    tag: "PluginError",
    message: "The harnessx field of {package} is not valid: {problem}.",
    hint: "Compare it with docs/reference/hooks.md; hx plugin verify checks a folder.",
  },
  HX_PLUGIN_API_UNSUPPORTED: {
    tag: "PluginError",
    message:
      "Package {package} is written for plugin contract {api}, this core supports {supported}.",
    hint: "Update @harnessx/core or use a version of the package for contract {supported}.",
  },
  HX_PLUGIN_CHANGED: {
    tag: "PluginError",
    message:
      "The code of {package} has changed since this process loaded it, and parts of the old one would still run.",
    hint: "Start the process again.",
  },
  HX_PLUGIN_EXPORT_INVALID: {
    tag: "PluginError",
    message: "Package {package} is declared as {kind} but its default export is {found}.",
    hint: "Export default the value of the matching define function of @harnessx/core/plugin.",
  },
  HX_PLUGIN_IMPORT_FAILED: {
    tag: "PluginError",
    message: "Loading the code of {package} failed: {problem}.",
    hint: "Fix the error in the package; it must be importable without side effects.",
  },
  HX_PLUGIN_KIND_MISMATCH: {
    tag: "PluginError",
    message: "Entry {entry} needs a plugin of kind {expected}, but {package} is of kind {kind}.",
    hint: "Put the package under the manifest field of its kind.",
  },
  HX_PLUGIN_OPTIONS_INVALID: {
    tag: "PluginError",
    message: "The options of {entry} do not fit the schema of {package}: {problem}.",
    hint: "Correct the options in the manifest; the package's options schema lists what it accepts.",
  },
  HX_PLUGIN_OPTIONS_SCHEMA_INVALID: {
    tag: "PluginError",
    message: "The options schema of {package} is not usable: {problem}.",
    hint: "The metadata's options field must name a JSON Schema file inside the package.",
  },
  HX_PLUGIN_UNDECLARED_HOOK: {
    tag: "PluginError",
    message: "Processor {processor} taps {hook}, which its metadata does not declare.",
    hint: "Add {hook} to harnessx.hooks in the package.json of {processor}, or remove the tap.",
  },
  HX_PLUGIN_UNUSED_HOOK: {
    tag: "PluginError",
    message: "Processor {processor} declares {hook} but does not tap it.",
    hint: "Remove {hook} from harnessx.hooks, or tap it whatever the options are.",
  },
  HX_PLUGIN_UNDECLARED_CAPABILITY: {
    tag: "PluginError",
    message:
      "Processor {processor} uses {capability}, which its metadata does not declare or the lock does not grant.",
    hint: "Declare it under harnessx.capabilities and grant it in the lock.",
  },
  HX_PLUGIN_UNDECLARED_STATE: {
    tag: "PluginError",
    message: "Processor {processor} uses the cell {cell}, which its metadata does not declare.",
    hint: "List {cell} in harnessx.state.",
  },
  HX_STATE_INVALID: {
    tag: "PluginError",
    message: "The cell {cell} of processor {processor} does not begin with plain data.",
    hint: "Cells survive a swap and a resume: use objects, lists, texts, finite numbers, booleans and null.",
  },
  HX_PLUGIN_DUPLICATE_TAP: {
    tag: "PluginError",
    message: "Processor {processor} taps {hook} twice under the name {tap}.",
    hint: "Give every tap of a hook its own name.",
  },
  HX_PLUGIN_LATE_TAP: {
    tag: "PluginError",
    message: "Processor {processor} taps {hook} after its setup has returned.",
    hint: "Tap every hook inside the setup function and decide inside the tap.",
  },
  HX_SLOT_TAKEN: {
    tag: "PluginError",
    message: "Slot {slot} is provided twice, by {first} and by {second}.",
    hint: "Remove one of the two providers.",
  },
} as const satisfies ErrorTable;
