export { critique, critiquesSchema, type Criticised, type Critique } from "./critique.ts";
