import type { FoundMemory, Json, Memory } from "@harnessx/core/plugin";
import type { Database, SqlJsStatic } from "sql.js";
import { bestFirst, bm25, decay, searchable } from "../ranking.ts";
import { queryWords, wordsOf } from "../words.ts";

/** Loads SQLite once per process, when a store is first used. */
let loading: Promise<SqlJsStatic> | undefined;

/** A copy of a store's file in memory. */
export class MemoryDatabase {
  readonly #database: Database;

  private constructor(database: Database) {
    this.#database = database;
  }

  /** Throws when the bytes are no store. */
  static async open(bytes: Uint8Array | undefined): Promise<MemoryDatabase> {
    const sqlite = await (loading ??= import("sql.js").then((module) => module.default()));
    const database = new sqlite.Database(bytes);
    try {
      database.run(
        "create table if not exists memory (number integer primary key, id text not null unique, text text not null, at real not null, tags text not null, metadata text)",
      );
      // The words are prepared here, so that all kinds of stores find by the same ones.
      database.run(
        'create virtual table if not exists word_index using fts4(words, tokenize=unicode61 "remove_diacritics=0")',
      );
    } catch (thrown) {
      database.close();
      throw thrown;
    }
    return new MemoryDatabase(database);
  }

  add(memories: readonly Memory[], maxMemories: number): void {
    this.#whole(() => {
      for (const memory of memories) {
        this.#remove(memory.id);
        const { id, text, at, tags = [], metadata } = memory;
        this.#database.run(
          "insert into memory (id, text, at, tags, metadata) values (?, ?, ?, ?, ?)",
          [
            id,
            text,
            at,
            JSON.stringify(tags),
            metadata === undefined ? null : JSON.stringify(metadata),
          ],
        );
        this.#database.run(
          "insert into word_index (docid, words) values ((select number from memory where id = ?), ?)",
          [id, wordsOf(searchable(memory)).join(" ")],
        );
      }
      for (const { id } of this.#rows(
        "select id from memory order by at desc, id desc limit -1 offset ?",
        [maxMemories],
      ))
        this.#remove(String(id));
    });
  }

  remove(ids: readonly string[]): void {
    this.#whole(() => {
      for (const id of ids) this.#remove(id);
    });
  }

  search(query: string, limit: number, now: number, halfLifeDays: number): FoundMemory[] {
    const terms = queryWords(query);
    if (terms.length === 0) return [];
    // Words are letters and digits alone, so quotes make each of them a term and nothing else.
    const match = terms.map((term) => `"${term}"`).join(" OR ");
    const rows = this.#rows(
      "select memory.*, matchinfo(word_index, 'pcnalx') as info from word_index join memory on memory.number = word_index.docid where word_index match ?",
      [match],
    );
    return rows
      .map((row): FoundMemory => {
        const memory = memoryOf(row);
        const factor = decay(memory.at, now, halfLifeDays);
        return { ...memory, score: scoreOf(row["info"] as Uint8Array) * factor };
      })
      .filter(({ score }) => score > 0)
      .sort(bestFirst)
      .slice(0, limit);
  }

  bytes(): Uint8Array {
    return this.#database.export();
  }

  close(): void {
    this.#database.close();
  }

  #remove(id: string): void {
    this.#database.run(
      "delete from word_index where docid in (select number from memory where id = ?)",
      [id],
    );
    this.#database.run("delete from memory where id = ?", [id]);
  }

  #whole(work: () => void): void {
    this.#database.run("begin");
    try {
      work();
      this.#database.run("commit");
    } catch (thrown) {
      this.#database.run("rollback");
      throw thrown;
    }
  }

  #rows(sql: string, values: readonly (string | number)[]): Record<string, unknown>[] {
    const statement = this.#database.prepare(sql);
    const rows: Record<string, unknown>[] = [];
    try {
      statement.bind(values);
      while (statement.step()) rows.push(statement.getAsObject());
    } finally {
      statement.free();
    }
    return rows;
  }
}

function memoryOf(row: Record<string, unknown>): Memory {
  const tags = JSON.parse(String(row["tags"])) as string[];
  const metadata = row["metadata"];
  return {
    id: String(row["id"]),
    text: String(row["text"]),
    at: Number(row["at"]),
    ...(tags.length === 0 ? {} : { tags }),
    ...(typeof metadata === "string" ? { metadata: JSON.parse(metadata) as Json } : {}),
  };
}

/** SQLite's report on one match, in 32-bit numbers: words, columns, rows, average length, length, then three for each word. */
function scoreOf(info: Uint8Array): number {
  const numbers = new Uint32Array(info.slice().buffer);
  const [terms = 0, , size = 0, averageLength = 0, length = 0] = numbers;
  const counts: number[] = [];
  const spread: number[] = [];
  for (let term = 0; term < terms; term += 1) {
    counts.push(numbers[5 + term * 3] ?? 0);
    spread.push(numbers[7 + term * 3] ?? 0);
  }
  return bm25({ counts, length }, { size, averageLength, spread });
}
