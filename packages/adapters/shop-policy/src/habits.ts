/*
 * What makes the policy weak, as numbers; they were set by hand on train tasks of the shop suite. All
 * but `openness` are chances for one decision or one glance.
 */

/** It takes a wish on an item's page for met or unmet when it is not. */
export const MISREADS = 0.015;
/** It buys an item that lacks one wish. */
export const SETTLES = 0.01;
/** It follows advice to stop and decide. */
export const COMPLIES = 0.9;
/** It takes the first candidate that advice lists, and not one of the next three. */
export const TAKES_FIRST = 0.6;
/** It notices that a listed candidate costs too much. */
export const SEES_PRICE = 0.9;
/** With nothing left to look at, it buys the best that it has opened. */
export const GIVES_IN = 0.1;
/** After the last page it searches again rather than going back. */
export const SEARCHES_AGAIN = 0.6;
