/** Words after which "you" is an object. */
const objectAfter =
  /\b(to|for|with|from|of|at|by|tell|tells|give|gives|help|helps|ask|asks|let|lets|saves|save|allow|allows) you\b/gi;

const replacements: readonly (readonly [RegExp, string])[] = [
  [/\byou name is\b/gi, "my name is"],
  [/\b(?:you )?ask the agent (how|what|which|whether|if)\b/gi, "tell me $1"],
  [/\bare you\b/gi, "am I"],
  [/\byou are\b/gi, "I am"],
  [/\byou were\b/gi, "I was"],
  [/\byou're\b/gi, "I'm"],
  [/\byou'(d|ve|ll)\b/gi, "I'$1"],
  [/\byourself\b/gi, "myself"],
  [/\byours\b/gi, "mine"],
  [/\byour\b/gi, "my"],
  [objectAfter, "$1 me"],
  [/\byou\b/gi, "I"],
  [/\bthe agent is\b/gi, "you are"],
  [/\bthe agent has\b/gi, "you have"],
  [/\bthe agent doesn't\b/gi, "you don't"],
  [/\bthe agent (tell|say|propose|offer|ask)s\b/gi, "you $1"],
  [/\bthe agent\b/gi, "you"],
];

/**
 * Lets the customer say what the scenario tells the customer: "You want your money" becomes "I want
 * my money", and the agent becomes "you". Word by word, with the grammar that this gives.
 */
export function inFirstPerson(text: string): string {
  const turned = replacements.reduce((said, [from, to]) => said.replace(from, to), text);
  return turned.replace(/(^|[.!?]\s+)([a-z])/g, (_, start: string, letter: string) =>
    start.concat(letter.toUpperCase()),
  );
}
