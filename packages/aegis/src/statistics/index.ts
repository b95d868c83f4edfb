export * from "./beta.ts";
export * from "./interval.ts";
export * from "./paired.ts";
export * from "./random.ts";
