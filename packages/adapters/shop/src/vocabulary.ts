/** A kind of product: what it may be, in which variants it comes, and what it costs. */
export interface Category {
  readonly noun: string;
  readonly attributes: readonly string[];
  readonly options: readonly { readonly name: string; readonly values: readonly string[] }[];
  /** In dollars. */
  readonly prices: readonly [low: number, high: number];
}

const colors = ["black", "white", "navy blue", "red", "olive", "grey", "pink", "teal"];

const words = (text: string): string[] => text.split(", ");

/** All categories. Names and attributes are made up of everyday words; no data set was used. */
export const categories: readonly Category[] = [
  {
    noun: "desk lamp",
    attributes: words(
      "dimmable, wireless, touch controlled, brass plated, foldable, flicker free, clamp mounted, energy saving, warm light, usb powered",
    ),
    options: [
      { name: "color", values: colors },
      { name: "plug", values: words("type c, type g, type f, type i") },
    ],
    prices: [18, 90],
  },
  {
    noun: "hiking shoe",
    attributes: words(
      "waterproof, lightweight, steel toe, vegan leather, arch support, quick drying, anti slip, wide fit, insulated, ankle high",
    ),
    options: [
      { name: "color", values: colors },
      { name: "size", values: words("37, 38, 39, 40, 41, 42, 43, 44") },
    ],
    prices: [35, 150],
  },
  {
    noun: "water bottle",
    attributes: words(
      "leak proof, double walled, dishwasher safe, bpa free, straw lid, wide mouth, powder coated, shatter proof, odour free, carry loop",
    ),
    options: [
      { name: "color", values: colors },
      { name: "volume", values: words("500 ml, 650 ml, 750 ml, 1000 ml") },
    ],
    prices: [8, 45],
  },
  {
    noun: "backpack",
    attributes: words(
      "anti theft, roll top, padded straps, laptop sleeve, rain cover, expandable, chest strap, machine washable, hidden pocket, recycled fabric",
    ),
    options: [
      { name: "color", values: colors },
      { name: "size", values: words("small, medium, large, extra large") },
    ],
    prices: [25, 120],
  },
  {
    noun: "office chair",
    attributes: words(
      "breathable mesh, lumbar cushion, adjustable arms, reclining, silent castors, headrest, memory foam, heavy duty, tilt lock, scratch proof",
    ),
    options: [
      { name: "color", values: colors },
      { name: "height", values: words("low, standard, tall") },
    ],
    prices: [70, 320],
  },
  {
    noun: "face cream",
    attributes: words(
      "fragrance free, cruelty free, oil free, hydrating, sun protecting, alcohol free, plant based, fast absorbing, for dry skin, paraben free",
    ),
    options: [
      { name: "scent", values: words("rose, lavender, none, citrus, aloe") },
      { name: "pack", values: words("1 jar, 2 jars, 3 jars, 6 jars") },
    ],
    prices: [9, 60],
  },
  {
    noun: "green tea",
    attributes: words(
      "organic, caffeine free, loose leaf, fair trade, hand picked, sugar free, stone ground, shade grown, compostable bags, gluten free",
    ),
    options: [
      { name: "flavour", values: words("plain, jasmine, mint, lemon, ginger, peach") },
      { name: "pack", values: words("20 bags, 40 bags, 80 bags, 100 bags") },
    ],
    prices: [6, 40],
  },
  {
    noun: "bath towel",
    attributes: words(
      "quick dry, extra soft, highly absorbent, fade resistant, long staple, oversized, lint free, hotel quality, bamboo fibre, hypoallergenic",
    ),
    options: [
      { name: "color", values: colors },
      { name: "set", values: words("1 piece, 2 pieces, 4 pieces, 6 pieces") },
    ],
    prices: [12, 80],
  },
  {
    noun: "phone case",
    attributes: words(
      "shock proof, magnetic ring, ultra thin, card holder, kickstand, grip texture, raised edges, crystal clear, glow lining, fingerprint proof",
    ),
    options: [
      { name: "color", values: colors },
      { name: "model", values: words("p10, p11, p12, p12 mini, p13") },
    ],
    prices: [7, 50],
  },
  {
    noun: "frying pan",
    attributes: words(
      "non stick, induction ready, oven safe, stay cool handle, cast iron, pouring lip, ceramic coated, warp resistant, riveted, toxin free",
    ),
    options: [
      { name: "diameter", values: words("20 cm, 24 cm, 28 cm, 32 cm") },
      { name: "lid", values: words("with lid, without lid") },
    ],
    prices: [15, 110],
  },
  {
    noun: "yoga mat",
    attributes: words(
      "extra thick, reversible, sweat resistant, natural rubber, alignment lines, closed cell, tear resistant, travel friendly, latex free, cushioned",
    ),
    options: [
      { name: "color", values: colors },
      { name: "length", values: words("173 cm, 183 cm, 200 cm, 215 cm") },
    ],
    prices: [14, 95],
  },
  {
    noun: "rain jacket",
    attributes: words(
      "windproof, packable, taped seams, reflective, fleece lined, two way zip, adjustable hood, stretch fabric, vented back, storm flap",
    ),
    options: [
      { name: "color", values: colors },
      { name: "size", values: words("small, medium, large, extra large") },
    ],
    prices: [30, 180],
  },
];

export const brands: readonly string[] = words(
  "Nordvik, Alpenta, Brookmill, Casavio, Delmare, Eastfen, Farrow Lane, Glenmoor, Hollin, Ismara, Juniper Row, Kestrel, Lumora, Marwick, Oakhurst, Pellam, Quarry, Ridgeway, Solenne, Tarn",
);
