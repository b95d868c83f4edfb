import { attacks, testAttacks } from "./matrix.ts";

testAttacks(attacks, true);
