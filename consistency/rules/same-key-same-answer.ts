import { isDeepStrictEqual } from "node:util";
import type { Attempt, HistoryEntry } from "../history.ts";
import { named, type Rule } from "../rule.ts";

const KEY_REUSED = 422;
const applied = ({ attempts = [] }: HistoryEntry): Attempt[] => attempts.filter(({ result }) => result === "applied");

/** Two answers that acknowledge different effects: the write took effect twice. */
function differing(entry: HistoryEntry): string[] {
  const [first, ...others] = applied(entry);
  if (first === undefined) return [];
  return others
    .filter(({ status, answer }) => status !== first.status || !isDeepStrictEqual(answer, first.answer))
    .map(
      ({ status, answer }) =>
        `${named(entry)} was answered ${first.status} ${JSON.stringify(first.answer)} and ${status} ${JSON.stringify(answer)}`,
    );
}

/** A definite refusal of a request that was sent after the client had received that the write was applied. */
function refusedLater(entry: HistoryEntry): string[] {
  const knownAtMs = Math.min(...applied(entry).map(({ answeredAtMs }) => answeredAtMs ?? Infinity));
  return (entry.attempts ?? [])
    .filter(({ sentAtMs, result, status }) => result === "refused" && sentAtMs > knownAtMs && (status ?? 0) < 500)
    .map(({ status }) => `${named(entry)} was applied, and a repetition was answered ${status}`);
}

export const rule: Rule = {
  id: "same-key-same-answer",
  says: "a repeated request gets the answer of the first one or an acceptance, and another request under its key is refused with 422",
  violations: ({ history }) =>
    history.flatMap((entry) => [
      ...differing(entry),
      ...refusedLater(entry),
      ...(entry.attempts ?? [])
        .filter(({ status }) => status === KEY_REUSED)
        .map(() => `${named(entry)} was answered 422 for its own request`),
      ...(entry.reuses ?? [])
        // A 503 and a lost answer decide nothing; the rules about the log find a second effect.
        .filter(({ status }) => status !== null && status < 500 && status !== KEY_REUSED)
        .map(({ status, what }) => `the key of ${named(entry)} was reused with ${what}, and answered ${status}`),
    ]),
};
