import type { KlTerm } from "./options.ts";

/** The estimate of KL(π_θ ‖ π_ref) at one token, and its derivative by log π_θ. */
export function klAt(
  estimator: KlTerm["estimator"],
  logprob: number,
  reference: number,
): { readonly value: number; readonly slope: number } {
  const apart = reference - logprob;
  switch (estimator) {
    case "k1":
      return { value: -apart, slope: 1 };
    case "k2":
      return { value: apart ** 2 / 2, slope: -apart };
    case "k3":
      return { value: Math.exp(apart) - apart - 1, slope: 1 - Math.exp(apart) };
  }
}
