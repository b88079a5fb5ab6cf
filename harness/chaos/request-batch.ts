/** Requests a batch, from one member or through nginx. */
import { setTimeout as delay } from "node:timers/promises";
import { clockMs } from "../../lib/clock.ts";
import { BenchError } from "../../lib/errors.ts";
import { TARGET_DATE } from "../../workload/calendar.ts";

/** 300 users make about 15 rounds, which is enough for a fault in any of the first rounds of each member. */
const CHUNK_USERS = 20;
const RETRIED = new Set([0, 502, 503, 504]);
const RETRY_MS = 100;
const DEADLINE_MS = 30_000;
const LIMIT_MS = 10_000;

export interface BatchAnswer {
  readonly status: number;
  /** of the started batch, or of the one that is in the way; null: the answer names none */
  readonly batchId: number | null;
}

/** @throws Error of the network */
export async function requestBatch(
  url: string,
  token: string,
  body: Readonly<Record<string, unknown>> = {},
): Promise<BatchAnswer> {
  const response = await fetch(`${url}/batches`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({
      targetDate: TARGET_DATE.toISOString().slice(0, 10),
      chunkUsers: CHUNK_USERS,
      ...body,
    }),
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  const { id, batchId } = (await response.json().catch(() => ({}))) as { id?: number; batchId?: number };
  return { status: response.status, batchId: id ?? batchId ?? null };
}

/**
 * Repeats the request until a batch runs. After an answer without a batch, another request may have started it: then 409 names it.
 * @throws BenchError SERVICE_FAILED
 */
export async function startBatch(
  url: string,
  token: string,
  pauseMs: number,
  body?: Readonly<Record<string, unknown>>,
): Promise<number> {
  const deadline = clockMs() + DEADLINE_MS;
  for (;;) {
    const { status, batchId } = await requestBatch(url, token, { pauseMs, ...body }).catch(() => ({ status: 0, batchId: null }));
    // A request that gives up an earlier date can be in the way of that date's last transaction.
    const isStarted = status === 202 || (status === 409 && body?.["abandon"] !== true);
    if (isStarted && batchId !== null) return batchId;
    if ((status !== 409 && !RETRIED.has(status)) || clockMs() > deadline)
      throw new BenchError("SERVICE_FAILED", `the service answered the request of a batch with ${status}`, "read its log above");
    await delay(RETRY_MS);
  }
}
