/** The word in a name, which is nearly always its type: "drawer" of "drawer 3". */
export const typeOf = (name: string): string => name.slice(0, name.lastIndexOf(" "));

/** The number in a name: 3 of "drawer 3". */
export const numberOf = (name: string): number => Number(name.slice(name.lastIndexOf(" ") + 1));
