import type { Cell, Column, SqlData, SqlDatabase, SqlTask, Table } from "./data.ts";

/** Two tables of one subject: places, and the things that belong to them. */
interface Subject {
  readonly db: string;
  /** Table, column of the name, column of a category, then names and categories to draw from. */
  readonly place: {
    readonly table: string;
    readonly one: string;
    readonly names: readonly string[];
    readonly group: string;
    readonly groups: readonly string[];
  };
  /** Table, singular, then names, a number with its unit in words, and the number's range. */
  readonly thing: {
    readonly table: string;
    readonly one: string;
    readonly names: readonly string[];
    readonly measure: string;
    readonly range: readonly [number, number];
  };
}

const subjects: readonly Subject[] = [
  {
    db: "library",
    place: {
      table: "branch",
      one: "branch",
      names: ["Northgate", "Mill Lane", "Harbour", "Old Town", "Station", "Riverside"],
      group: "district",
      groups: ["East", "West", "Centre"],
    },
    thing: {
      table: "book",
      one: "book",
      names: ["Tides", "Clockwork", "Salt", "The Orchard", "Winter Light", "Paper Boats", "Ash"],
      measure: "pages",
      range: [80, 720],
    },
  },
  {
    db: "bakery",
    place: {
      table: "shop",
      one: "shop",
      names: ["Crumb", "Daily Loaf", "Golden Crust", "Flour Mill", "Sweet Corner", "Rye House"],
      group: "city",
      groups: ["Lund", "Turin", "Porto"],
    },
    thing: {
      table: "pastry",
      one: "pastry",
      names: ["bun", "eclair", "tart", "pretzel", "strudel", "scone", "croissant"],
      measure: "calories",
      range: [120, 640],
    },
  },
  {
    db: "harbour",
    place: {
      table: "pier",
      one: "pier",
      names: ["North Pier", "Stone Pier", "Long Pier", "Fish Pier", "Ferry Pier", "Tar Pier"],
      group: "side",
      groups: ["north", "south", "east"],
    },
    thing: {
      table: "ship",
      one: "ship",
      names: ["Aurora", "Tern", "Halcyon", "Mistral", "Petrel", "Solveig", "Brise"],
      measure: "tonnage",
      range: [40, 900],
    },
  },
  {
    db: "zoo",
    place: {
      table: "enclosure",
      one: "enclosure",
      names: ["Savanna", "Ice Hall", "Night House", "Aviary", "Swamp", "Rock Garden"],
      group: "zone",
      groups: ["A", "B", "C"],
    },
    thing: {
      table: "animal",
      one: "animal",
      names: ["Otis", "Mira", "Bodo", "Kiki", "Taro", "Luna", "Pablo"],
      measure: "weight",
      range: [2, 800],
    },
  },
  {
    db: "orchestra",
    place: {
      table: "ensemble",
      one: "ensemble",
      names: ["Camerata", "City Strings", "Brass Five", "Nova Choir", "Youth Band", "Old Winds"],
      group: "country",
      groups: ["Norway", "Chile", "Japan"],
    },
    thing: {
      table: "concert",
      one: "concert",
      names: ["Spring Gala", "Requiem", "Serenade", "Dances", "Fanfares", "Nocturnes", "Finale"],
      measure: "visitors",
      range: [60, 999],
    },
  },
  {
    db: "nursery",
    place: {
      table: "greenhouse",
      one: "greenhouse",
      names: ["Glass One", "Palm House", "Seed House", "Orchid House", "Shade Hall", "Cold Frame"],
      group: "climate",
      groups: ["dry", "humid", "cool"],
    },
    thing: {
      table: "plant",
      one: "plant",
      names: ["Fern", "Agave", "Ivy", "Lotus", "Basil", "Aster", "Maple"],
      measure: "height",
      range: [3, 400],
    },
  },
];

/** Places of a database; the last one stays without things, so that "without any" has an answer. */
const places = 6;
const things = 18;

/** Makes six small databases and eight questions about each; the same seed makes the same set. */
export function generateData(seed: number): SqlData {
  const databases = subjects.map((subject, index) => makeDatabase(subject, random(seed, index)));
  const tasks = subjects.flatMap((subject, index) => makeTasks(subject, databases[index]!));
  return { tasks, databases };
}

function makeDatabase({ db, place, thing }: Subject, next: () => number): SqlDatabase {
  const int = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  const offset = int(0, place.names.length - 1);
  const placeRows = place.names.map((_, index): Cell[] => [
    index + 1,
    place.names[(index + offset) % places]!,
    place.groups[index % place.groups.length]!,
  ]);
  // Different numbers, so that no order is left to chance.
  const measures = new Set<number>();
  while (measures.size < things) measures.add(int(...thing.range));
  const thingRows = [...measures].map((measure, index): Cell[] => [
    index + 1,
    `${thing.names[index % thing.names.length]!} ${Math.floor(index / thing.names.length) + 1}`,
    measure,
    index < places - 1 ? index + 1 : int(1, places - 1),
  ]);
  const id: Column = { name: "id", type: "int", nullable: false, autoIncrement: true };
  const name: Column = { name: "name", type: "varchar(80)" };
  const placeTable: Table = {
    name: place.table,
    columns: [id, name, { name: place.group, type: "varchar(40)" }],
    primaryKey: ["id"],
    rows: placeRows,
  };
  const thingTable: Table = {
    name: thing.table,
    columns: [
      id,
      name,
      { name: thing.measure, type: "int" },
      { name: `${place.table}_id`, type: "int" },
    ],
    primaryKey: ["id"],
    foreignKeys: [{ columns: [`${place.table}_id`] }],
    rows: thingRows,
  };
  return { db, tables: [placeTable, thingTable] };
}

function makeTasks({ db, place, thing }: Subject, database: SqlDatabase): SqlTask[] {
  const { one, group, table } = place;
  const { measure } = thing;
  const joined = `${table} AS p JOIN ${thing.table} AS t ON t.${table}_id = p.id`;
  const value = String(database.tables[0]!.rows[0]![2]);
  const ordered = database.tables[1]!.rows.map((row) => Number(row[2])).toSorted((a, b) => a - b);
  const middle = ordered[Math.floor(things / 2)]!;
  const made: readonly (readonly [SqlTask["hardness"], string, string])[] = [
    [
      "easy",
      `How many entries does the list of every ${thing.one} have?`,
      `SELECT count(*) FROM ${thing.table}`,
    ],
    [
      "easy",
      `What is the name of each ${one} whose ${group} is ${value}?`,
      `SELECT name FROM ${table} WHERE ${group} = '${value}'`,
    ],
    [
      "medium",
      `List the name and ${measure} of each ${thing.one}, the highest ${measure} first.`,
      `SELECT name, ${measure} FROM ${thing.table} ORDER BY ${measure} DESC`,
    ],
    [
      "medium",
      `For each ${group}, how many places of type ${one} are there?`,
      `SELECT ${group}, count(*) FROM ${table} GROUP BY ${group}`,
    ],
    [
      "hard",
      `What is the name of each ${one} that has no ${thing.one}?`,
      `SELECT name FROM ${table} WHERE id NOT IN (SELECT ${table}_id FROM ${thing.table})`,
    ],
    [
      "hard",
      `What is the name of each ${thing.one} whose ${measure} is above the average ${measure}?`,
      `SELECT name FROM ${thing.table} WHERE ${measure} > (SELECT avg(${measure}) FROM ${thing.table})`,
    ],
    [
      "extra",
      `Give the name of the ${one} that has the ${thing.one} with the highest ${measure}, and that ${measure}.`,
      `SELECT p.name, t.${measure} FROM ${joined} ORDER BY t.${measure} DESC LIMIT 1`,
    ],
    [
      "extra",
      `For each ${group}, what is the total ${measure} of every ${thing.one} with a ${measure} of at least ${middle}, the largest total first?`,
      `SELECT p.${group}, sum(t.${measure}) FROM ${joined} WHERE t.${measure} >= ${middle} GROUP BY p.${group} ORDER BY sum(t.${measure}) DESC, p.${group}`,
    ],
  ];
  return made.map(([hardness, question, goldSql], index) => ({
    id: `generated-${db}-${index + 1}`,
    db,
    question,
    goldSql,
    hardness,
    goldIsEmpty: false,
  }));
}

/** Tommy Ettinger's mulberry32, one stream per database. */
function random(seed: number, stream: number): () => number {
  let state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(stream + 1, 0x85ebca6b)) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
