/** The table of mutants and faults. Pure functions of the records. */
import { stringify } from "csv-stringify/sync";
import { FAULTS } from "../../../api/faults.ts";
import { markdownLines } from "../../text/markdown.ts";
import type { PowerRecord } from "./records.ts";

export interface MutantSummary {
  readonly mutant: string;
  readonly trials: number;
  /** faults with the number of trials that violated an invariant, the most successful first */
  readonly foundBy: readonly { readonly fault: string; readonly found: number; readonly trials: number }[];
  /** violated invariants, the most frequent first */
  readonly invariants: readonly string[];
}

const isFound = ({ violations }: PowerRecord): boolean => violations.length > 0;

export function summarisePower(records: readonly PowerRecord[]): MutantSummary[] {
  const run = records.filter(({ failure }) => failure === null);
  return [...Map.groupBy(run, ({ mutant }) => mutant)].map(([mutant, own]) => {
    const foundBy = [...Map.groupBy(own, ({ fault }) => fault)]
      .map(([fault, trials]) => ({ fault, found: trials.filter(isFound).length, trials: trials.length }))
      .filter(({ found }) => found > 0)
      .toSorted((one, other) => other.found / other.trials - one.found / one.trials);
    const invariants = [
      ...Map.groupBy(
        own.flatMap(({ violations }) => violations),
        (id) => id,
      ),
    ]
      .toSorted(([, one], [, other]) => other.length - one.length)
      .map(([id]) => id);
    return { mutant, trials: own.length, foundBy, invariants };
  });
}

/** Faults of the records under which no mutant violated an invariant. */
export const faultsWithoutFind = (records: readonly PowerRecord[]): string[] =>
  [...Map.groupBy(records, ({ fault }) => fault)].filter(([, own]) => !own.some(isFound)).map(([fault]) => fault);

const MAX_NAMED = 4;

export function powerMarkdown(records: readonly PowerRecord[]): string {
  const summaries = summarisePower(records);
  const rows = summaries.map(({ mutant, trials, foundBy, invariants }) => [
    `\`${mutant}\``,
    FAULTS[mutant as keyof typeof FAULTS] ?? "",
    foundBy.length === 0
      ? "none"
      : foundBy
          .slice(0, MAX_NAMED)
          .map((each) => `\`${each.fault}\` ${each.found}/${each.trials}`)
          .join(", ") + (foundBy.length > MAX_NAMED ? `, ${foundBy.length - MAX_NAMED} more` : ""),
    invariants
      .slice(0, MAX_NAMED)
      .map((id) => `\`${id}\``)
      .join(", "),
    String(trials),
  ]);
  const silent = faultsWithoutFind(records);
  const failed = records.filter(({ failure }) => failure !== null).length;
  return [
    "# The power of the trials",
    "",
    `${records.length} trials of a service with one deliberate fault: ${summaries.filter(({ foundBy }) => foundBy.length > 0).length} of ${summaries.length} deliberate faults found.`,
    "",
    markdownLines(["deliberate fault", "the service", "found by, of its trials", "violated", "trials"], rows),
    "",
    `Faults under which no deliberate fault was found: ${silent.length === 0 ? "none" : silent.join(", ")}.`,
    ...(failed === 0 ? [] : ["", `${failed} trials could not run and do not count.`]),
    "",
  ].join("\n");
}

/** One row per mutant and one column per fault: trials with a violation, of all its trials. */
export function powerCsv(records: readonly PowerRecord[]): string {
  const faults = [...new Set(records.map(({ fault }) => fault))].toSorted();
  const rows = [...Map.groupBy(records, ({ mutant }) => mutant)].map(([mutant, own]) => ({
    mutant,
    ...Object.fromEntries(
      faults.map((fault) => {
        const trials = own.filter((record) => record.fault === fault && record.failure === null);
        return [fault, trials.length === 0 ? "" : `${trials.filter(isFound).length}/${trials.length}`];
      }),
    ),
  }));
  return stringify(rows, { header: true });
}
