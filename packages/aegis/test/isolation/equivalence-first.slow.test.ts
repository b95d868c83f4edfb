import * as contract from "@harnessx/core/plugin";
import { expect, it } from "vitest";
import { GUEST_CONTRACT } from "../../src/isolation/contract.ts";
import { testEquivalence } from "./cases.ts";

testEquivalence((tier, name) => tier === "inline" || name === "all together");

it("the guest has the run-time part of the contract", async () => {
  const url = `data:text/javascript,${encodeURIComponent(GUEST_CONTRACT)}`;
  const guest = (await import(/* @vite-ignore */ url)) as typeof contract;
  const calls = [
    { name: "act", input: { b: [1, { z: 1, a: null }], a: "x" } },
    { name: "act", input: { command: "go  to\nshelf".repeat(20) } },
    { name: "act", input: null },
  ];
  for (const call of calls) {
    expect(guest.callKey(call)).toBe(contract.callKey(call));
    expect(guest.describeCall(call)).toBe(contract.describeCall(call));
  }
});
