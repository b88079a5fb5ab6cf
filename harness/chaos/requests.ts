/** Pure functions of the requests of a trial's clients. */
import { REQUEST_LIMIT_MS } from "./limits.ts";
import type { SentRequest } from "../scenario/load-messages.ts";
import { milliseconds } from "../text/format.ts";

/** A request is affected if it fails at first, or takes longer than this. */
const SLOW_MS = 1_000;
const FIRST_SERVER_ERROR = 500;

const firstMs = ({ sentAtMs, endedAtMs }: SentRequest): number => endedAtMs - sentAtMs;

/** One line per write whose client got no definite answer, whatever it repeated. */
export function failedForGood(sent: readonly SentRequest[]): string[] {
  return sent.flatMap(({ userId, write, failure }) => {
    const last = write?.attempts.at(-1);
    if (write === null || last === undefined) return [];
    const isServerError = last.result === "unknown" || (last.status ?? 0) >= FIRST_SERVER_ERROR;
    return isServerError
      ? [
          `${write.kind} of user ${userId}: ${failure ?? "no answer"}, then ${last.status ?? "no answer"} after ${write.attempts.length} attempts`,
        ]
      : [];
  });
}

export function tooLong(sent: readonly SentRequest[]): string[] {
  return sent.flatMap((request) => {
    const ms = Math.max(
      firstMs(request),
      ...(request.write?.attempts ?? []).map(({ sentAtMs, endedAtMs }) => endedAtMs - sentAtMs),
    );
    return ms > REQUEST_LIMIT_MS ? [`a request of user ${request.userId} took ${milliseconds(ms)}`] : [];
  });
}

export const affected = (sent: readonly SentRequest[]): SentRequest[] =>
  sent.filter((request) => request.outcome === "failed" || firstMs(request) > SLOW_MS);
