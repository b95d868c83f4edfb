import { CONTRACT } from "../verify/build.ts";

/**
 * The run-time part of `@harnessx/core/plugin` as a sandbox has it. Generated packages carry a copy
 * of the smaller part; packages that were built otherwise import it by name.
 */
export const GUEST_CONTRACT = `${CONTRACT}
export function callKey(call) {
  return call.name + " " + canonical(call.input);
}
function canonical(value) {
  if (Array.isArray(value)) return "[" + value.map(canonical).join(",") + "]";
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]) => JSON.stringify(key) + ":" + canonical(field));
  return "{" + fields.join(",") + "}";
}
const commandKeys = new Set(["command", "action", "cmd"]);
export function describeCall({ name, input }) {
  if (typeof input !== "object" || input === null) return short(name + " " + plain(input));
  const fields = Object.entries(input);
  const [first] = fields;
  if (first && fields.length === 1 && commandKeys.has(first[0]) && typeof first[1] === "string") return short(first[1]);
  return short([name, ...fields.map(([, value]) => plain(value))].join(" "));
}
function plain(value) {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
function short(text) {
  const line = text.replace(/\\s+/g, " ").trim();
  return line.length > 100 ? line.slice(0, 99) + "…" : line;
}
`;
