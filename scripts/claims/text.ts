/** Texts of a claim for docs/claims.md. */
import { count, duration, percent, times } from "../../harness/text/format.ts";
import { markdownLines } from "../../harness/text/markdown.ts";
import { linkTo } from "../readme/block.ts";
import { roundsText } from "../readme/caption.ts";
import { runFolder } from "../readme/runs.ts";
import { CELL_VALUES, claimedTimes, VARIANT_VALUES, type Claim, type ClaimSource, type Figure, type Measure } from "./claim.ts";
import type { EvaluatedClaim } from "./evaluate.ts";
import type { Measured } from "./measured.ts";

const HEAD = ["claim", "source and figure", "here", "ratio here", "command", "verdict"];
const SOURCE_HEAD = ["source", "year", "environment"];

const number = (value: number): string => value.toLocaleString("en", { maximumFractionDigits: 3 });

export function figureText(figure: Figure): string {
  switch (figure.kind) {
    case "pair":
      return `${number(figure.worse)} against ${number(figure.better)} ${figure.unit}: ${times(claimedTimes(figure))}`;
    case "factor":
      return times(figure.times);
    case "vanishes":
      return `${percent(figure.from)} to 0`;
    default:
      return `"${figure.quote}"`;
  }
}

type Comparable = Exclude<Measure, { kind: "not comparable" | "test" }>;

function valueText({ kind, value }: Comparable, amount: number): string {
  if (value === "statements") return count(amount);
  return kind === "scenario" && value === "errors" ? percent(amount) : duration(amount);
}

function hereText({ claim, measured, run }: EvaluatedClaim, page: string): string {
  const { measure } = claim;
  if (measure.kind === "test") return `[the rows, in a test](${linkTo(measure.file, page)})`;
  if (measured === null || run === null || measure.kind === "not comparable") return "-";
  const side = ({ name, value, isEstimate }: Measured["worse"]): string =>
    `\`${name}\` ${isEstimate ? "~" : ""}${valueText(measure, value)}`;
  const what = measure.kind === "cells" ? CELL_VALUES[measure.value] : VARIANT_VALUES[measure.value];
  const file = measure.kind === "cells" ? "summary.md" : "api.md";
  const link = `[${run}](${linkTo(`${runFolder(run) ?? ""}${file}`, page)})`;
  return `${what}: ${side(measured.worse)} against ${side(measured.better)} (${link})`;
}

export function ratioText(measured: Measured | null): string {
  if (measured === null) return "-";
  const { interval, isExact, rounds } = measured;
  const ratio = Number.isFinite(measured.times) ? times(measured.times) : "to 0";
  if (isExact) return `${ratio}, exact`;
  if (interval !== null) return `${ratio} (${times(interval.low)} to ${times(interval.high)}), ${roundsText(rounds)}`;
  return `${ratio}, ${roundsText(rounds)}: no interval`;
}

const sentences = (parts: readonly (string | null | undefined)[]): string => parts.filter(Boolean).join(" ");

const verdictText = ({ claim: { note }, verdict: { name, reason } }: EvaluatedClaim): string =>
  sentences([`**${name}**.`, reason, note]);

const sourceText = ({ name, url }: ClaimSource, { figure }: Claim): string => `[${name}](${url}): ${figureText(figure)}`;

/** The conditions of each source. */
export const sourcesTable = (sources: readonly ClaimSource[]): string =>
  markdownLines(
    SOURCE_HEAD,
    sources.map(({ name, url, year, environment }) => [
      `[${name}](${url})`,
      year === null ? "unknown" : String(year),
      environment,
    ]),
  );

export function claimsTable(evaluated: readonly { source: ClaimSource; claim: EvaluatedClaim }[], page: string): string {
  const rows = evaluated.map(({ source, claim }) => [
    claim.claim.says,
    sourceText(source, claim.claim),
    hereText(claim, page),
    ratioText(claim.measured),
    claim.command === null ? "-" : `\`${claim.command}\``,
    verdictText(claim),
  ]);
  return markdownLines(HEAD, rows);
}
