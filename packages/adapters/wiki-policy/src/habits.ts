/** After a failure: gives up and guesses, more readily each time. */
export const GIVES_UP = [0.15, 0.4, 0.6, 0.8, 0.9] as const;
/** Goes on to the next step of a search for another way, rather than dropping it. */
export const FOLLOWS = 0.85;
/** Uses a way again that has worked in this conversation. */
export const REMEMBERS = 0.9;
/** Takes another value of the right kind than the one that the question is about. */
export const MISREADS = 0.07;
/** Takes the second best tool for a purpose. */
export const PICKS_OTHER = 0.04;
