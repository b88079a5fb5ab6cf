/** The table of mutants and faults. Pure functions of the records. */
import { stringify } from "csv-stringify/sync";
import { FAULTS } from "../../../api/faults.ts";
import { markdownLines } from "../../text/markdown.ts";
import { startLines, type StartRecord } from "../start.ts";
import { EXPECTED, NOT_EXPECTED, UNPROVED } from "./expected.ts";
import { ranOf, failedOf, type PowerRecord } from "./records.ts";

export interface MutantSummary {
  readonly mutant: string;
  /** that ran; the fault acted in some of them before the end of the run */
  readonly trials: number;
  /** faults with the number of trials that violated an invariant, of those in which the fault acted; the most successful first */
  readonly foundBy: readonly { readonly fault: string; readonly found: number; readonly trials: number }[];
  /** violated invariants, the most frequent first */
  readonly invariants: readonly string[];
}

const isFound = ({ violations }: PowerRecord): boolean => violations.length > 0;
/** The fault that does nothing. */
const NOTHING = "none";

/**
 * A violation in a trial without the fault is no find of the fault. Nothing has to happen for `none`, which acts in the middle of a run: a
 * service that ended its runs without their users had 5 of 5 trials with violations, and none of them counted.
 */
const appliedOf = (records: readonly PowerRecord[]): PowerRecord[] =>
  ranOf(records).filter(({ isApplied, fault }) => isApplied || fault === NOTHING);

/** @param mutants that had to run: one whose trials all failed must not vanish from the table */
export function summarisePower(records: readonly PowerRecord[], mutants: readonly string[]): MutantSummary[] {
  const all = new Set([...mutants, ...records.map(({ mutant }) => mutant)]);
  return [...all].map((mutant) => {
    const own = ranOf(records).filter((record) => record.mutant === mutant);
    const applied = appliedOf(own);
    const foundBy = [...Map.groupBy(applied, ({ fault }) => fault)]
      .map(([fault, trials]) => ({ fault, found: trials.filter(isFound).length, trials: trials.length }))
      .filter(({ found }) => found > 0)
      .toSorted((one, other) => other.found / other.trials - one.found / one.trials);
    const invariants = [
      ...Map.groupBy(
        applied.flatMap(({ violations }) => violations),
        (id) => id,
      ),
    ]
      .toSorted(([, one], [, other]) => other.length - one.length)
      .map(([id]) => id);
    return { mutant, trials: own.length, foundBy, invariants };
  });
}

/**
 * Faults of the records that found no mutant besides those that `none` finds. Nearly each fault finds those, because nothing has to
 * happen for their damage.
 */
export function faultsWithoutFind(records: readonly PowerRecord[]): string[] {
  const applied = appliedOf(records);
  const byNothing = new Set([
    ...EXPECTED.filter(({ fault }) => fault === NOTHING).map(({ mutant }) => mutant as string),
    ...applied.filter((record) => record.fault === NOTHING && isFound(record)).map(({ mutant }) => mutant),
  ]);
  const finding = new Set(applied.filter((record) => isFound(record) && !byNothing.has(record.mutant)).map(({ fault }) => fault));
  const faults = new Set(records.map(({ fault }) => fault));
  return [...faults].filter((fault) => fault !== NOTHING && !finding.has(fault));
}

const MAX_NAMED = 4;

/** The table and its conclusions, for a page that has a heading. */
export function powerDigest(
  records: readonly PowerRecord[],
  mutants: readonly string[],
  starts: readonly StartRecord[] = [],
): string {
  const summaries = summarisePower(records, mutants);
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
  const hasFound = new Set(
    appliedOf(records)
      .filter(isFound)
      .map(({ fault }) => fault),
  );
  const withoutReason = (fault: string): string =>
    hasFound.has(fault) ? `\`${NOTHING}\` found the same deliberate faults` : "its expected find is missing";
  const silent = faultsWithoutFind(records).map((fault) => [`\`${fault}\``, UNPROVED[fault] ?? withoutReason(fault)]);
  const ran = ranOf(records).length;
  const failed = failedOf(records).length;
  const found = summaries.filter(({ foundBy }) => foundBy.length > 0).length;
  const left = NOT_EXPECTED.filter((mutant) => !summaries.some((summary) => summary.mutant === mutant));
  return [
    `${ran} trials of a service with one deliberate fault: ${found} of ${summaries.length} deliberate faults found.`,
    "",
    ...(left.length === 0
      ? []
      : [
          `Not in the trials, because a trial finds them only by luck or never: ${left.map((mutant) => `\`${mutant}\``).join(", ")}.`,
          "",
        ]),
    markdownLines(
      ["deliberate fault", "the service", "found by, of the trials in which the fault acted", "violated", "trials"],
      rows,
    ),
    "",
    ...(silent.length === 0
      ? ["Each fault found a deliberate fault besides those that `none` finds."]
      : [
          "Faults that found no deliberate fault besides those that `none` finds:",
          "",
          markdownLines(["fault", "why it is in the list"], silent),
        ]),
    ...(failed === 0 ? [] : ["", `${failed} trials could not run and do not count. The same command runs them again.`]),
    ...startLines(starts).flatMap((line) => ["", line]),
  ].join("\n");
}

export const powerMarkdown = (...digest: Parameters<typeof powerDigest>): string =>
  `# The power of the trials\n\n${powerDigest(...digest)}\n`;

/** One row per mutant and one column per fault: trials with a violation, of those in which the fault acted. Empty: no trial ran. */
export function powerCsv(records: readonly PowerRecord[], mutants: readonly string[]): string {
  const faults = [...new Set(records.map(({ fault }) => fault))].toSorted();
  const rows = summarisePower(records, mutants).map(({ mutant }) => ({
    mutant,
    ...Object.fromEntries(
      faults.map((fault) => {
        const trials = ranOf(records).filter((record) => record.mutant === mutant && record.fault === fault);
        const applied = appliedOf(trials);
        return [fault, trials.length === 0 ? "" : `${applied.filter(isFound).length}/${applied.length}`];
      }),
    ),
  }));
  return stringify(rows, { header: true });
}
