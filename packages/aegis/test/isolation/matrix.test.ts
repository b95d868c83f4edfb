import { attacks, testAttacks } from "./matrix.ts";

testAttacks(attacks.filter(({ short }) => short));
