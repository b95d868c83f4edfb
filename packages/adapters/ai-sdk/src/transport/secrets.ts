/** Takes secrets out of texts that people and traces get to see. */
export function scrubber(secrets: readonly (string | undefined)[]): (text: string) => string {
  // Shorter values are no keys, and would blank out ordinary words.
  const known = secrets.filter((secret): secret is string => (secret?.length ?? 0) >= 6);
  return (text) =>
    known
      .reduce((clean, secret) => clean.replaceAll(secret, "[secret]"), text)
      // Also a key that the server masked in part, or that is not ours.
      .replace(/\b(?:sk|pk|rk)-[\w*.-]{6,}/g, "[secret]")
      .replace(/\b(Bearer)\s+[\w*.~+/-]{6,}=*/gi, "$1 [secret]");
}
