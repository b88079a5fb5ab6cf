/** Reads from an answer the result of a request: its outcome, the reason of a failure, and whether a write may have taken effect. */
import { errors } from "undici";
import { isProblemCode } from "../../api/problems.ts";
import type { WriteResult } from "../../consistency/index.ts";
import type { Outcome } from "./load-messages.ts";

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

export interface Classified {
  readonly outcome: Outcome;
  /** reason of the failure: a problem name, `proxy-503`, `client-timeout` or `connection`; null for a success */
  readonly failure: string | null;
  readonly result: WriteResult;
}

const UNKNOWN_OUTCOME = "outcome-unknown";
/** Statuses by which a rule of the workload refuses a request. */
const DECLINED = new Set([404, 409]);

/** The name of an RFC 9457 problem of the service. @returns null for the answer of another program, such as a proxy's 503 */
export function problemNameOf({ contentType, text }: Answer): string | null {
  if (!contentType.startsWith("application/problem+json")) return null;
  const [, name = ""] = /"type":"\/problems\/([\w-]+)"/.exec(text) ?? [];
  return isProblemCode(name) ? name : null;
}

export function classifyAnswer(kind: "read" | "write", answer: Answer): Classified {
  const { status, contentType } = answer;
  if (status >= 200 && status < 300 && contentType.startsWith("application/json")) {
    if (status === 202) return { outcome: "accepted", failure: null, result: "accepted" };
    return { outcome: kind === "read" ? "read" : "applied", failure: null, result: "applied" };
  }
  const problem = problemNameOf(answer);
  // A proxy may have passed the request on before it gave up, so its 503 guarantees nothing.
  if (problem === null) return { outcome: "failed", failure: `proxy-${status}`, result: "unknown" };
  if (DECLINED.has(status)) return { outcome: "declined", failure: problem, result: "refused" };
  // Every 503 except `outcome-unknown` guarantees that the service wrote nothing; other 5xx leave the outcome unknown.
  const isDefinite = status < 500 || (status === 503 && problem !== UNKNOWN_OUTCOME);
  return { outcome: "failed", failure: problem, result: isDefinite ? "refused" : "unknown" };
}

export function classifyError(error: unknown): Classified {
  const isTimeout = error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError;
  return { outcome: "failed", failure: isTimeout ? "client-timeout" : "connection", result: "unknown" };
}
