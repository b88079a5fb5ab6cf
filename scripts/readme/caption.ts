/** The line below a table: data, server, machine, rounds and axes of the run. */
import type { RunResults } from "../../harness/results/records.ts";
import { headline } from "../../harness/reporters/parts/notes.ts";
import { runNoise } from "../../harness/results/round-noise.ts";
import { roughPercent } from "../../harness/text/format.ts";
import { linkTo } from "./block.ts";
import { runFolder, type RunName } from "./runs.ts";

const distinct = (values: readonly (string | number | null)[]): string =>
  [...new Set(values.filter((value) => value !== null))].join(", ");

export const roundsText = (rounds: number): string => (rounds === 1 ? "1 round" : `${rounds} rounds`);

/** A wrong sample stays visible: the caption once stated for every run that all samples were verified. */
function verifiedText({ samples }: RunResults): string {
  const measured = samples.filter(({ status }) => status !== "skipped");
  const verified = measured.filter((sample) => sample.verified === true);
  return verified.length === measured.length
    ? "every sample verified"
    : `${verified.length} of ${measured.length} samples verified`;
}

/** How much the machine disturbs the times: a reader of one table does not see the notes of the run. */
function noiseTexts(results: RunResults): string[] {
  const noise = runNoise(results);
  return [
    ...(noise === null ? [] : [`${noise.cell} differs by ${roughPercent(noise.typicalDifference)} between rounds`]),
    ...results.run.notes.filter((note) => note.includes("load average")).map((note) => note.replace(/\.$/, "")),
  ];
}

export function caption(results: RunResults, name: RunName, page: string): string {
  const { rounds, cells } = results.run;
  const parts = [
    headline(results),
    roundsText(rounds),
    `${distinct(cells.map(({ key }) => key))} keys, ${distinct(cells.map(({ chunkUsers }) => chunkUsers))} users per chunk`,
    verifiedText(results),
    ...noiseTexts(results),
    `[all numbers and versions](${linkTo(`${runFolder(name) ?? ""}summary.md`, page)})`,
  ];
  return `<sub>${parts.join(" · ")}</sub>`;
}
