import type { ObjectFlag } from "../game.ts";
import type { RoomKind } from "./rooms.ts";

/** How a type of object occurs in one kind of room. */
export interface Occurrence {
  /** Probability that the room has any. */
  readonly share: number;
  /** Relative chance by type of receptacle; 0 where it fits but is never found at the start. */
  readonly places: Readonly<Record<string, number>>;
}

/** A type of movable object. */
export interface Thing {
  readonly flags: readonly ObjectFlag[];
  readonly rooms: Readonly<Partial<Record<RoomKind, Occurrence>>>;
}

/** Reads "desk 6 shelf 3": relative chances by type of receptacle. */
const at = (share: number, places: string): Occurrence => ({
  share,
  places: Object.fromEntries(
    [...places.matchAll(/(\w+) (\d+)/g)].map(([, type, weight]) => [type, Number(weight)]),
  ),
});

const thing = (flags: readonly ObjectFlag[], rooms: Thing["rooms"]): Thing => ({
  flags: ["pickupable", ...flags],
  rooms,
});

const food: readonly ObjectFlag[] = ["cleanable", "coolable", "heatable", "sliceable"];
const dish: readonly ObjectFlag[] = ["cleanable", "coolable", "heatable", "isreceptacleobject"];
const coldDish: readonly ObjectFlag[] = ["cleanable", "coolable", "isreceptacleobject"];
const washable: readonly ObjectFlag[] = ["cleanable"];

const produce =
  "fridge 9 countertop 8 microwave 3 diningtable 6 sinkbasin 3 garbagecan 3 sidetable 3";
const tool = "countertop 9 diningtable 6 drawer 5 sinkbasin 2 sidetable 3";
const shaker = "countertop 6 cabinet 6 drawer 4 diningtable 4 shelf 3 sidetable 3";
const small =
  "drawer 7 desk 6 dresser 5 sidetable 5 shelf 4 sofa 5 armchair 4 coffeetable 5 diningtable 3 tvstand 3 ottoman 2 safe 2";
const paper =
  "desk 8 sidetable 6 dresser 5 shelf 4 drawer 4 diningtable 4 coffeetable 4 tvstand 2 countertop 1";
const paperAndBin =
  "desk 8 sidetable 6 dresser 5 shelf 4 drawer 4 diningtable 4 coffeetable 4 tvstand 2 countertop 1 garbagecan 1";

/** The movable objects and the desk lamp: where they occur and what can be done to them. */
export const things: Readonly<Record<string, Thing>> = {
  alarmclock: thing([], {
    bedroom: at(0.9, "desk 6 sidetable 6 shelf 4 dresser 5 diningtable 2"),
  }),
  apple: thing(food, {
    kitchen: at(1, produce),
  }),
  book: thing([], {
    bedroom: at(
      0.9,
      "bed 8 desk 6 drawer 3 cabinet 2 sidetable 3 dresser 3 shelf 2 armchair 1 safe 0",
    ),
    livingroom: at(
      0.3,
      "sofa 5 dresser 4 sidetable 4 coffeetable 4 diningtable 3 drawer 1 armchair 2 shelf 2 ottoman 1",
    ),
  }),
  bowl: thing(coldDish, {
    kitchen: at(
      1,
      "cabinet 8 fridge 5 countertop 5 diningtable 5 sinkbasin 1 microwave 1 shelf 3 sidetable 2",
    ),
    bedroom: at(0.4, "desk 6 shelf 3 sidetable 2 dresser 2"),
  }),
  box: thing(["isreceptacleobject"], {
    livingroom: at(
      0.9,
      "sofa 4 diningtable 5 coffeetable 3 sidetable 3 dresser 2 armchair 1 ottoman 0",
    ),
  }),
  bread: thing(["coolable", "heatable", "sliceable"], {
    kitchen: at(1, "countertop 9 diningtable 6 fridge 3 sidetable 2 garbagecan 0 microwave 0"),
  }),
  butterknife: thing(washable, {
    kitchen: at(1, "countertop 9 diningtable 6 drawer 2 sinkbasin 2 sidetable 3"),
  }),
  candle: thing([], {
    bathroom: at(1, "toilet 7 countertop 7 cabinet 4 shelf 4 drawer 2 cart 2 sidetable 2"),
  }),
  cd: thing([], {
    bedroom: at(0.9, "drawer 6 desk 6 sidetable 4 dresser 4 shelf 3 garbagecan 2 safe 1"),
  }),
  cellphone: thing([], {
    bedroom: at(0.9, "bed 8 desk 5 drawer 4 sidetable 4 dresser 3 shelf 2 armchair 2 safe 1"),
    livingroom: at(0.25, small),
  }),
  cloth: thing(washable, {
    bathroom: at(
      1,
      "bathtubbasin 8 cabinet 5 countertop 5 drawer 3 shelf 3 toilet 2 sinkbasin 1 cart 2 garbagecan 0",
    ),
  }),
  creditcard: thing([], {
    bedroom: at(0.9, small),
    livingroom: at(0.9, small),
  }),
  cup: thing(dish, {
    kitchen: at(
      1,
      "cabinet 6 countertop 6 fridge 5 diningtable 5 sinkbasin 3 microwave 2 shelf 2 sidetable 2",
    ),
  }),
  desklamp: {
    flags: ["toggleable"],
    rooms: {
      bedroom: at(0.8, "desk 7 sidetable 6 dresser 5 shelf 1"),
      livingroom: at(0.2, "sidetable 8 coffeetable 1 dresser 2"),
    },
  },
  dishsponge: thing(washable, {
    kitchen: at(
      1,
      "countertop 7 cabinet 5 diningtable 4 drawer 3 sinkbasin 2 garbagecan 1 shelf 2",
    ),
    bathroom: at(
      0.15,
      "bathtubbasin 6 toilet 4 cart 3 sinkbasin 2 shelf 2 cabinet 0 drawer 0 countertop 1",
    ),
  }),
  egg: thing(food, {
    kitchen: at(1, produce),
  }),
  fork: thing(washable, {
    kitchen: at(1, tool),
  }),
  glassbottle: thing([], {
    kitchen: at(0.3, "cabinet 5 countertop 5 diningtable 3 fridge 1 garbagecan 1 shelf 1"),
  }),
  handtowel: thing([], {
    bathroom: at(
      1,
      "handtowelholder 9 countertop 1 cabinet 0 drawer 0 shelf 0 toilet 0 bathtubbasin 0 sinkbasin 0 garbagecan 0 cart 0",
    ),
  }),
  kettle: thing(washable, {
    kitchen: at(0.5, "stoveburner 6 countertop 5 cabinet 3 diningtable 2 shelf 1 sinkbasin 1"),
  }),
  keychain: thing([], {
    bedroom: at(0.9, small),
    livingroom: at(0.9, small),
  }),
  knife: thing(washable, {
    kitchen: at(1, tool),
  }),
  ladle: thing(washable, {
    kitchen: at(0.4, "countertop 6 drawer 3 cabinet 2 diningtable 3 sinkbasin 1"),
  }),
  laptop: thing([], {
    bedroom: at(0.9, "bed 9 desk 5 armchair 2 dresser 1 diningtable 2 sidetable 0"),
    livingroom: at(
      0.9,
      "sofa 6 diningtable 6 coffeetable 5 sidetable 2 armchair 2 tvstand 1 ottoman 0",
    ),
  }),
  lettuce: thing(["cleanable", "coolable", "sliceable"], {
    kitchen: at(1, "countertop 8 diningtable 6 fridge 6 sinkbasin 1 sidetable 2 garbagecan 0"),
  }),
  mug: thing(dish, {
    kitchen: at(
      1,
      "coffeemachine 4 fridge 4 cabinet 4 countertop 5 diningtable 4 microwave 3 sinkbasin 3 shelf 2 sidetable 2",
    ),
    bedroom: at(0.5, "desk 7 sidetable 3 shelf 2 dresser 2 cabinet 1"),
  }),
  newspaper: thing([], {
    livingroom: at(
      0.6,
      "sofa 6 coffeetable 5 diningtable 4 armchair 4 sidetable 3 shelf 2 drawer 1 ottoman 1 garbagecan 0",
    ),
  }),
  pan: thing(coldDish, {
    kitchen: at(1, "countertop 6 stoveburner 6 cabinet 2 diningtable 2 fridge 1 sinkbasin 0"),
  }),
  papertowelroll: thing([], {
    kitchen: at(0.35, "countertop 6 diningtable 3 garbagecan 1 shelf 1"),
  }),
  pen: thing([], {
    bedroom: at(0.9, paperAndBin),
    livingroom: at(0.15, paper),
  }),
  pencil: thing([], {
    bedroom: at(0.9, paperAndBin),
    livingroom: at(0.15, paper),
  }),
  peppershaker: thing([], {
    kitchen: at(1, shaker),
  }),
  pillow: thing([], {
    bedroom: at(1, "bed 9 armchair 1"),
    livingroom: at(0.9, "sofa 9 armchair 2 ottoman 1"),
  }),
  plate: thing(dish, {
    kitchen: at(
      1,
      "cabinet 8 countertop 6 diningtable 6 fridge 2 sinkbasin 1 shelf 2 microwave 1 sidetable 2",
    ),
    livingroom: at(0.2, "diningtable 6 shelf 2 coffeetable 2 sidetable 1"),
  }),
  pot: thing(coldDish, {
    kitchen: at(
      1,
      "stoveburner 8 countertop 4 fridge 2 diningtable 2 cabinet 1 shelf 1 sinkbasin 0",
    ),
  }),
  potato: thing(food, {
    kitchen: at(1, produce),
  }),
  remotecontrol: thing([], {
    livingroom: at(
      0.9,
      "sofa 7 coffeetable 6 tvstand 5 sidetable 4 armchair 4 dresser 4 drawer 2 shelf 2 diningtable 2 ottoman 1",
    ),
  }),
  saltshaker: thing([], {
    kitchen: at(1, shaker),
  }),
  soapbar: thing(washable, {
    bathroom: at(
      1,
      "countertop 7 sinkbasin 4 toilet 4 drawer 3 shelf 3 bathtubbasin 3 cabinet 3 garbagecan 2 cart 1",
    ),
  }),
  soapbottle: thing([], {
    kitchen: at(
      1,
      "countertop 6 cabinet 5 diningtable 4 garbagecan 3 shelf 3 sidetable 3 drawer 1",
    ),
    bathroom: at(
      1,
      "countertop 7 toilet 7 cabinet 5 shelf 3 garbagecan 2 drawer 1 cart 2 sidetable 2",
    ),
  }),
  spatula: thing(washable, {
    kitchen: at(1, tool),
  }),
  spoon: thing(washable, {
    kitchen: at(1, "countertop 9 diningtable 6 drawer 7 sinkbasin 2 sidetable 3"),
  }),
  spraybottle: thing([], {
    bathroom: at(
      1,
      "countertop 7 toilet 6 cabinet 5 garbagecan 2 shelf 3 cart 3 sidetable 3 drawer 0",
    ),
  }),
  statue: thing([], {
    livingroom: at(0.9, "sidetable 5 diningtable 5 coffeetable 5 shelf 5 tvstand 3 dresser 2"),
    bedroom: at(0.15, "shelf 5 dresser 4 desk 2 sidetable 1"),
  }),
  tissuebox: thing([], {
    livingroom: at(
      0.4,
      "diningtable 5 sidetable 5 coffeetable 5 dresser 2 tvstand 1 drawer 0 shelf 1",
    ),
    bathroom: at(0.2, "shelf 5 countertop 5 drawer 2 toilet 1 cart 1 cabinet 1"),
  }),
  toiletpaper: thing([], {
    bathroom: at(
      1,
      "toilet 5 countertop 5 cabinet 4 toiletpaperhanger 3 shelf 3 garbagecan 1 drawer 2 cart 1",
    ),
  }),
  tomato: thing(food, {
    kitchen: at(
      1,
      "fridge 9 countertop 8 microwave 0 diningtable 6 sinkbasin 3 garbagecan 3 sidetable 3",
    ),
  }),
  towel: thing([], {
    bathroom: at(1, "towelholder 9 countertop 1"),
  }),
  vase: thing([], {
    livingroom: at(0.6, "shelf 8 diningtable 4 tvstand 3 sidetable 3 coffeetable 3 dresser 2"),
  }),
  watch: thing([], {
    livingroom: at(
      0.5,
      "coffeetable 5 sidetable 4 diningtable 4 tvstand 3 drawer 2 shelf 2 dresser 2",
    ),
  }),
  winebottle: thing(["coolable"], {
    kitchen: at(0.5, "countertop 6 diningtable 4 cabinet 3 garbagecan 2 shelf 1 fridge 1"),
  }),
};
