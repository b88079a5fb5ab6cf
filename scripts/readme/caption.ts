/** The line below a table: data, server, machine, rounds and axes of the run. */
import type { RunResults } from "../../harness/results/records.ts";
import { headline } from "../../harness/reporters/parts/notes.ts";
import { linkTo } from "./block.ts";
import { runFolder, type RunName } from "./runs.ts";

const distinct = (values: readonly (string | number | null)[]): string =>
  [...new Set(values.filter((value) => value !== null))].join(", ");

export const roundsText = (rounds: number): string => (rounds === 1 ? "1 round" : `${rounds} rounds`);

export function caption(results: RunResults, name: RunName, page: string): string {
  const { rounds, cells } = results.run;
  const parts = [
    headline(results),
    roundsText(rounds),
    `${distinct(cells.map(({ key }) => key))} keys, ${distinct(cells.map(({ chunkUsers }) => chunkUsers))} users per chunk`,
    "every sample verified",
    `[all numbers and versions](${linkTo(`${runFolder(name) ?? ""}summary.md`, page)})`,
  ];
  return `<sub>${parts.join(" · ")}</sub>`;
}
