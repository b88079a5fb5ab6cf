/** Names and times of candidates in sentences. */
import { count, duration } from "../text/format.ts";
import type { Candidate, Technique } from "./candidate.ts";
import type { Spread, Timing } from "./timing.ts";

/** `` `case-when`, chunk 2,000, 4 workers ``, `` `chunked`, chunk 500, 6 workers, one thread, modulo ``: the words of the tables */
export const nameText = ({ strategy, chunkUsers, workers, parallel, split }: Technique): string =>
  [
    `\`${strategy}\``,
    ...(chunkUsers === null ? [] : [`chunk ${count(chunkUsers)}`]),
    ...(workers === 1 ? [] : [`${workers} workers`]),
    ...(parallel === null ? [] : ["one thread"]),
    ...(split === null ? [] : [split]),
  ].join(", ");

export const techniqueText = ({ summary }: Candidate): string => nameText(summary.cell);

const BOUND = { interval: "", range: "range " } as const;

/** `[8.40 s to 9.90 s]`; the text names a range of few samples as a range */
const spreadText = ({ low, high, kind }: Spread): string => `[${BOUND[kind]}${duration(low)} to ${duration(high)}]`;

/** `11.0 s [10.2 s to 13.9 s]` */
export function timingText({ ms, spread, basis }: Timing): string {
  const about = basis === "measured" ? "" : "about ";
  const kind = basis === "estimated" ? " (estimate)" : "";
  return `${about}${duration(ms)}${spread === null ? "" : ` ${spreadText(spread)}`}${kind}`;
}
