/** The four kinds of room. */
export const roomKinds = ["kitchen", "livingroom", "bedroom", "bathroom"] as const;

/** A kind of room. */
export type RoomKind = (typeof roomKinds)[number];

/** Types of receptacle that have a door or a lid, and the share of them that can be opened. */
export const openableShare: Readonly<Record<string, number>> = {
  cabinet: 0.85,
  drawer: 0.85,
  fridge: 1,
  microwave: 1,
  safe: 0.9,
};

/** How many receptacles of each type a room has: one of the listed numbers, each as likely. */
export const furniture: Readonly<Record<RoomKind, Readonly<Record<string, readonly number[]>>>> = {
  kitchen: {
    cabinet: [4, 5, 6, 8, 9, 9, 10, 10, 12, 12, 13, 15, 18],
    coffeemachine: [1],
    countertop: [1, 2, 2, 3, 3],
    diningtable: [0, 0, 1, 1, 1, 2],
    drawer: [1, 2, 3, 3, 4, 4, 5, 6, 8, 10],
    fridge: [1],
    garbagecan: [1],
    microwave: [1],
    shelf: [0, 0, 0, 2, 3],
    sidetable: [0, 0, 0, 0, 1],
    sinkbasin: [1],
    stoveburner: [4],
    toaster: [1],
  },
  livingroom: {
    armchair: [1, 1, 2, 2],
    cabinet: [0, 0, 0, 0, 2, 4],
    coffeetable: [0, 1, 1, 1, 2],
    diningtable: [0, 0, 1, 1],
    drawer: [0, 1, 1, 2, 4, 5, 7],
    dresser: [0, 0, 1],
    garbagecan: [1],
    ottoman: [0, 0, 0, 1],
    shelf: [0, 0, 1, 3, 5, 8],
    sidetable: [1, 1, 2, 3],
    sofa: [1, 1, 1, 2],
    tvstand: [0, 1],
  },
  bedroom: {
    armchair: [0, 0, 0, 1],
    bed: [1, 1, 1, 2],
    cabinet: [0, 0, 0, 0, 2],
    desk: [0, 1, 1, 1, 2],
    drawer: [2, 3, 4, 4, 5, 6, 8, 9, 11],
    dresser: [0, 0, 1, 1],
    garbagecan: [1],
    laundryhamper: [0, 0, 0, 1],
    safe: [0, 0, 0, 1],
    shelf: [0, 0, 1, 2, 4, 6],
    sidetable: [0, 1, 1, 2],
  },
  bathroom: {
    bathtubbasin: [0, 1, 1],
    cabinet: [0, 2, 3, 4, 4],
    cart: [0, 0, 0, 0, 0, 1],
    countertop: [1, 1, 1, 2],
    drawer: [0, 0, 1, 2, 4, 6],
    garbagecan: [1],
    handtowelholder: [1, 1, 2],
    shelf: [0, 0, 0, 1, 2, 4],
    sidetable: [0, 0, 0, 0, 1],
    sinkbasin: [1, 2],
    toilet: [1],
    toiletpaperhanger: [1],
    towelholder: [1, 1, 2],
  },
};

/** What belongs to the room itself: it has a place but lies in no receptacle. */
export const fixtures: Readonly<Record<RoomKind, Readonly<Record<string, readonly number[]>>>> = {
  kitchen: {
    chair: [0, 1, 1, 2, 4],
    lightswitch: [1],
    sink: [1],
    stoveknob: [4],
    window: [0, 1, 1, 2],
  },
  livingroom: {
    chair: [0, 1, 2, 4],
    floorlamp: [1],
    lightswitch: [1],
    painting: [1, 2, 3],
    window: [1, 2, 3],
  },
  bedroom: {
    blinds: [0, 1, 2],
    chair: [0, 1, 1],
    lightswitch: [1],
    mirror: [1],
    painting: [0, 1, 2],
    window: [1, 2],
  },
  bathroom: {
    bathtub: [0, 1],
    lightswitch: [1],
    mirror: [1],
    plunger: [1],
    scrubbrush: [1],
    showerdoor: [0, 1],
    sink: [1, 2],
    window: [0, 1],
  },
};

/** Types that often stand so close that they share a location with the next one or with the other type. */
export const closeBy: readonly (readonly [type: string, other: string, probability: number])[] = [
  ["cabinet", "cabinet", 0.12],
  ["drawer", "drawer", 0.14],
  ["stoveburner", "stoveburner", 0.6],
  ["shelf", "shelf", 0.06],
  ["toaster", "countertop", 0.3],
  ["coffeemachine", "countertop", 0.2],
];
