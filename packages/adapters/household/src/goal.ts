/** The types that a variable of a goal may have. */
export const goalTypes = ["object", "receptacle", "agent", "location"] as const;

/** A type of a goal's variable. */
export type GoalType = (typeof goalTypes)[number];

/** A typed variable; its name begins with "?". */
export interface GoalVariable {
  readonly name: string;
  readonly type: GoalType;
}

/** A goal as a tree. Names are lower case. */
export type Goal =
  | { readonly op: "and" | "or"; readonly parts: readonly Goal[] }
  | { readonly op: "not"; readonly part: Goal }
  | { readonly op: "exists"; readonly variables: readonly GoalVariable[]; readonly part: Goal }
  | { readonly op: "equal"; readonly args: readonly string[] }
  | { readonly op: "fact"; readonly predicate: string; readonly args: readonly string[] };

/** Limits that keep a hostile goal from costing more than reading it. */
const limits = { characters: 20_000, depth: 64, variables: 8 };

type Expression = string | readonly Expression[];

/**
 * Reads a goal: `exists`, `and`, `or`, `not`, `=` and predicates.
 *
 * Throws a SyntaxError whose message says what is wrong. Which predicates and types exist is
 * checked when a game is compiled.
 */
export function parseGoal(text: string): Goal {
  if (text.length > limits.characters) throw new SyntaxError("the goal is too long");
  const tokens = text.toLowerCase().match(/[()]|[^\s()]+/g) ?? [];
  let next = 0;

  const read = (depth: number): Expression => {
    if (depth > limits.depth) throw new SyntaxError("the goal is nested too deeply");
    const token = tokens[next++];
    if (token === undefined) throw new SyntaxError("the goal ends too early");
    if (token === ")") throw new SyntaxError("the goal has a parenthesis too many");
    if (token !== "(") return token;
    const list: Expression[] = [];
    while (tokens[next] !== ")") list.push(read(depth + 1));
    next += 1;
    return list;
  };

  const expression = read(0);
  if (next < tokens.length) throw new SyntaxError("something follows the end of the goal");
  let variables = 0;

  const build = (node: Expression, scope: ReadonlySet<string>): Goal => {
    if (typeof node === "string") throw new SyntaxError(`expected a list, found "${node}"`);
    const [head, ...rest] = node;
    if (typeof head !== "string") throw new SyntaxError("a list must begin with a word");
    switch (head) {
      case "and":
      case "or":
        return { op: head, parts: rest.map((part) => build(part, scope)) };
      case "not":
        if (rest.length !== 1) throw new SyntaxError("not takes one expression");
        return { op: "not", part: build(rest[0] as Expression, scope) };
      case "exists": {
        const [declared, part] = rest;
        if (rest.length !== 2 || typeof declared === "string" || declared === undefined) {
          throw new SyntaxError("exists takes a list of variables and one expression");
        }
        const list = readVariables(declared);
        variables += list.length;
        if (variables > limits.variables) throw new SyntaxError("the goal has too many variables");
        const inner = new Set([...scope, ...list.map((variable) => variable.name)]);
        return { op: "exists", variables: list, part: build(part as Expression, inner) };
      }
      default: {
        const args = rest.map((arg) => {
          if (typeof arg !== "string") throw new SyntaxError(`${head} takes names`);
          if (arg.startsWith("?") && !scope.has(arg)) {
            throw new SyntaxError(`the variable ${arg} is not declared`);
          }
          return arg;
        });
        if (head !== "=") return { op: "fact", predicate: head, args };
        if (args.length !== 2) throw new SyntaxError("= takes two names");
        return { op: "equal", args };
      }
    }
  };
  return build(expression, new Set());
}

/** `?a ?b - object ?r - receptacle` */
function readVariables(list: readonly Expression[]): GoalVariable[] {
  const variables: GoalVariable[] = [];
  let untyped: string[] = [];
  for (let i = 0; i < list.length; i += 1) {
    const word = list[i];
    if (typeof word !== "string") throw new SyntaxError("a list of variables holds names");
    if (word !== "-") {
      if (!/^\?\w+$/.test(word)) throw new SyntaxError(`"${word}" is not a variable`);
      untyped.push(word);
      continue;
    }
    i += 1;
    const type = goalTypes.find((name) => name === list[i]);
    if (type === undefined) throw new SyntaxError(`unknown type "${String(list[i])}"`);
    for (const name of untyped) variables.push({ name, type });
    untyped = [];
  }
  if (untyped.length > 0) throw new SyntaxError(`the variable ${untyped[0]} has no type`);
  if (variables.length === 0) throw new SyntaxError("exists declares no variable");
  return variables;
}
