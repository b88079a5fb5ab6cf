/** The file with the number of statements: one line for each code, one column for each key. */
import { readFile } from "node:fs/promises";

/** By the name of the code and the id of the key. */
export type Counts = Map<string, Map<string, number>>;

const NAME_WIDTH = 32;
const KEY_WIDTH = 11;

export function textOf(counts: Counts, keyIds: readonly string[]): string {
  const line = (name: string, cells: readonly (string | number)[]): string =>
    [name.padEnd(NAME_WIDTH), ...cells.map((cell) => String(cell).padStart(KEY_WIDTH))].join(" ");
  const lines = [...counts].map(([name, byKey]) =>
    line(
      name,
      keyIds.map((id) => byKey.get(id) ?? "-"),
    ),
  );
  return `${[line("statements", keyIds), ...lines].join("\n")}\n`;
}

/** A run of some cells compares these, and keeps the counts of the others. */
export async function pinnedStatements(): Promise<Counts> {
  const text = await readFile(new URL("statements.txt", import.meta.url), "utf8").catch(() => "");
  const [head = "", ...lines] = text.split("\n").filter((line) => line !== "");
  const cellsOf = (line: string): string[] => line.slice(NAME_WIDTH).trim().split(/\s+/);
  const keyIds = cellsOf(head);
  return new Map(
    lines.map((line) => {
      const counts = cellsOf(line).map((cell, index) => [keyIds[index] ?? "", Number(cell)] as const);
      return [line.slice(0, NAME_WIDTH).trim(), new Map(counts.filter(([, count]) => !Number.isNaN(count)))];
    }),
  );
}
