import { testEquivalence } from "./cases.ts";

testEquivalence((tier) => tier !== "inline");
