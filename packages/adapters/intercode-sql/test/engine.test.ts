import { beforeAll, describe, expect, test } from "vitest";
import { createEngine, renderOutcome, renderRow } from "../src/index.ts";
import type { Image, Session, SqlDatabase } from "../src/index.ts";

const database: SqlDatabase = {
  db: "shop",
  tables: [
    {
      name: "Item",
      columns: [
        { name: "id", type: "int", nullable: false, autoIncrement: true },
        { name: "label", type: "varchar(255)" },
        { name: "price", type: "double" },
        { name: "tax", type: "decimal(19,4)" },
        { name: "sold", type: "datetime" },
        { name: "box_id", type: "int" },
      ],
      primaryKey: ["id"],
      foreignKeys: [{ columns: ["box_id"] }],
      rows: [
        [1, "Café", 2, 0.5, "2020-01-02 00:00:00", 1],
        [2, "it's", 1.25, 3, null, null],
        [3, 'say "hi"', 1e-5, 1e17, "2020", 1],
      ],
    },
    { name: "box", columns: [{ name: "id", type: "int" }], rows: [] },
  ],
};

let image: Image;
beforeAll(async () => {
  image = (await createEngine()).build(database);
});

const ask = (sql: string, session: Session = image.open()): string =>
  renderOutcome(session.query(sql));

describe("values", () => {
  test("come as Python writes them, whole numbers apart from fractions", () => {
    expect(ask("SELECT id, label, price, tax, sold, box_id FROM item")).toBe(
      `[(1, 'Café', 2.0, 0.5, '2020-01-02 00:00:00', 1), ` +
        `(2, "it's", 1.25, 3.0, None, None), ` +
        `(3, 'say "hi"', 1e-05, 1e+17, '2020', 1)]`,
    );
    expect(ask("SELECT count(*) FROM item")).toBe("[(3,)]");
    expect(ask("SELECT id FROM box")).toBe("[]");
    expect(ask("SELECT 9223372036854775807, -0.0, 1e999, x'00ff'")).toBe(
      "[(9223372036854775807, -0.0, inf, b'\\x00\\xff')]",
    );
    expect(renderRow(["a'b\"c\\\n\u0001"])).toBe("('a\\'b\"c\\\\\\n\\x01',)");
  });

  test("text compares without regard to case, dates are text", () => {
    expect(ask("SELECT id FROM item WHERE label = 'CAFé'")).toBe("[(1,)]");
    expect(ask("SELECT id FROM item WHERE sold > '2020-01-01'")).toBe("[(1,)]");
  });

  test("more than 600 characters are cut", () => {
    const text = ask(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) SELECT i FROM n",
    );
    expect(text).toMatch(/^\[\(1,\).*…\[\+\d+ chars cut\]$/);
    expect(text.indexOf("…")).toBe(600);
  });
});

describe("the schema, as MySQL gives it", () => {
  test("SHOW TABLES", () => {
    expect(ask("SHOW TABLES;")).toBe("[('box',), ('Item',)]");
    expect(ask("show tables from shop")).toBe("[('box',), ('Item',)]");
    expect(ask("SHOW TABLES LIKE 'it%'")).toBe("[('Item',)]");
  });

  test.each([
    "DESCRIBE item",
    "desc `Item`;",
    "SHOW COLUMNS FROM item",
    "show full fields in shop.item",
  ])("%s", (sql) => {
    expect(ask(sql)).toBe(
      "[('id', 'int', 'NO', 'PRI', None, 'auto_increment'), ('label', 'varchar(255)', 'YES', '', None, ''), " +
        "('price', 'double', 'YES', '', None, ''), ('tax', 'decimal(19,4)', 'YES', '', None, ''), " +
        "('sold', 'datetime', 'YES', '', None, ''), ('box_id', 'int', 'YES', 'MUL', None, '')]",
    );
  });

  test("a table that does not exist", () => {
    expect(ask("DESC boxes")).toBe("Error executing query: Table 'shop.boxes' doesn't exist");
  });
});

describe("what is no query", () => {
  const session = (): Session => image.open();

  test.each([
    "",
    ";",
    "I am sorry, I cannot.",
    "DROP TABLE item",
    "PRAGMA journal_mode = wal",
    "ATTACH DATABASE '/tmp/x' AS x",
    "-- only a comment",
  ])("%j is refused", (sql) => {
    expect(session().query(sql).kind).toBe("refused");
  });

  test.each([
    ["SELECT", /incomplete input|syntax error/],
    ["SELECT colour FROM item", /no such column: colour/],
    ["SELECT 1; SELECT 2", /one statement/],
    ["SELECT 1; DROP TABLE item", /one statement/],
    ["WITH", /incomplete|syntax/],
    ["SHOW DATABASES", /syntax error/],
  ])("%j is an error", (sql, message) => {
    const outcome = session().query(sql);
    expect(outcome).toMatchObject({ kind: "error", message: expect.stringMatching(message) });
    expect(renderOutcome(outcome)).toMatch(/^Error executing query: /);
  });

  test("a value that is too large is an error", () => {
    expect(session().query("SELECT zeroblob(20000000)")).toMatchObject({ kind: "error" });
    expect(session().query("SELECT hex(zeroblob(6000000))")).toMatchObject({ kind: "error" });
  });

  test("a result without end is an error", () => {
    const endless =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    expect(session().query(endless)).toMatchObject({ kind: "error" });
  });
});

test("what one session writes no other sees", () => {
  const [first, second] = [image.open(), image.open()];
  expect(ask("WITH x AS (SELECT 1) DELETE FROM item", first)).toBe("[]");
  expect(ask("SELECT count(*) FROM item", first)).toBe("[(0,)]");
  expect(ask("SELECT count(*) FROM item", second)).toBe("[(3,)]");
  expect(ask("SELECT count(*) FROM item")).toBe("[(3,)]");
  first.close();
  second.close();
});
