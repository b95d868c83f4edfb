/** To cents as Python's `round` does it: a tie, which only an eighth can be, goes to the even cent. */
export function roundToCents(value: number): number {
  const cents = Math.abs(value) * 100;
  const down = Math.floor(cents);
  if (Number.isInteger(value * 8) && cents - down === 0.5)
    return (Math.sign(value) * (down % 2 === 0 ? down : down + 1)) / 100;
  return Number(value.toFixed(2));
}

/** A floating-point number as Python writes it: whole ones keep a `.0`. */
export function floatText(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  const magnitude = Math.abs(value);
  if (magnitude >= 1e16 || (magnitude > 0 && magnitude < 1e-4))
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  return Number.isInteger(value) ? `${value}.0` : `${value}`;
}
