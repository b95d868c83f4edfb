import { tool } from "@harnessx/core/plugin";
import type { JsonSchema, Tool, ToolResult } from "@harnessx/core/plugin";
import type { Exchange } from "./referee.ts";
import type { Answer, Visit } from "./visit.ts";

const text = (description: string) =>
  ({ type: "string", minLength: 1, maxLength: 200, description }) as const;

const schema = (properties: Readonly<Record<string, ReturnType<typeof text>>>): JsonSchema => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

type Input = Readonly<Record<string, string>>;

/** What an agent can do, by tool. */
const moves: readonly {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly act: (visit: Visit, input: Input) => Answer;
}[] = [
  {
    name: "search",
    description: "Search for items; shows the first page of results.",
    inputSchema: schema({ query: text("Words to search for.") }),
    act: (visit, { query = "" }) => visit.search(query),
  },
  {
    name: "next_page",
    description: "Show the next page of the results.",
    inputSchema: schema({}),
    act: (visit) => visit.turn(1),
  },
  {
    name: "previous_page",
    description: "Show the previous page of the results.",
    inputSchema: schema({}),
    act: (visit) => visit.turn(-1),
  },
  {
    name: "open_item",
    description: "Open the page of an item: its features, options and price.",
    inputSchema: schema({ item: text('The id of the item, such as "K7Q4M2".') }),
    act: (visit, { item = "" }) => visit.open(item),
  },
  {
    name: "choose_option",
    description: "Choose an option of the item whose page is open.",
    inputSchema: schema({
      option: text('The name of the option, such as "color".'),
      value: text('One of its values, such as "navy blue".'),
    }),
    act: (visit, { option = "", value = "" }) => visit.choose(option, value),
  },
  {
    name: "buy",
    description: "Buy the item whose page is open, with the options chosen. Ends the visit.",
    inputSchema: schema({}),
    act: (visit) => visit.buy(),
  },
];

/** The tools of one episode; `record` hears of every exchange. */
export function createTools(visit: Visit, record: (exchange: Exchange) => void): Tool[] {
  return moves.map(({ name, description, inputSchema, act }) =>
    tool<Input>({
      name,
      description,
      inputSchema,
      execute(input): ToolResult {
        // The first purchase counts: what follows in the same step changes nothing.
        if (visit.purchase !== undefined)
          return { status: "ok", content: "The visit is over.", end: true };
        const { text: reply, refused = false } = act(visit, input);
        record({ tool: name, reply, refused });
        return {
          status: "ok",
          content: reply,
          ...(visit.purchase === undefined ? {} : { end: true }),
        };
      },
    }),
  );
}
