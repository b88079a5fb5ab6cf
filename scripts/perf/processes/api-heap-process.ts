/** The service under steady load in a process of its own, and how much its heap holds after collection, again and again. */
import { setTimeout as delay } from "node:timers/promises";
import type { ApiOptions } from "../../../api/options.ts";
import { startServer } from "../../../api/server.ts";
import { startLoad } from "../../../harness/scenario/load.ts";
import type { TrafficSettings } from "../../../harness/scenario/traffic.ts";
import { clockMs } from "../../../lib/clock.ts";
import { reply } from "../lib/reply.ts";

export interface ApiHeapTask {
  readonly options: ApiOptions;
  readonly traffic: TrafficSettings;
  /** not counted: compiled code and caches are there once */
  readonly warmUpMs: number;
  readonly everyMs: number;
  readonly readings: number;
}

export interface ApiHeapAnswer {
  readonly readings: readonly { readonly atMs: number; readonly bytes: number }[];
  readonly answered: number;
  readonly failed: number;
  /** put off by a flag, and so stored, woken and applied */
  readonly accepted: number;
  readonly batches: number;
}

const CLIENT_TIMEOUT_MS = 10_000;
const DAY_MS = 86_400_000;
const LAST_DATE_MS = Date.UTC(2026, 0, 1);
/** A batch of a tenth of the users lasts some ten seconds so, and its flags are raised meanwhile. */
const BATCH = { style: "chunked", chunkUsers: 100, pauseMs: 250 };
const POLL_MS = 500;

/** One batch after the other, for one date after the other. @returns how many ended before the signal */
async function runBatches(url: string, adminToken: string, signal: AbortSignal): Promise<number> {
  const headers = { authorization: `Bearer ${adminToken}`, "content-type": "application/json" };
  /** null: the service is busy, and is to be asked again */
  const ask = async (path: string, body?: object): Promise<{ id: number; status: string } | null> => {
    const response = await fetch(`${url}${path}`, {
      headers,
      ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
    });
    if (response.status === 503) return null;
    if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as { id: number; status: string };
  };
  let ended = 0;
  while (!signal.aborted) {
    const targetDate = new Date(LAST_DATE_MS - ended * DAY_MS).toISOString().slice(0, 10);
    let batch = await ask("/batches", { ...BATCH, targetDate });
    if (batch === null) {
      await delay(POLL_MS);
      continue;
    }
    while (batch.status === "running") {
      await delay(POLL_MS);
      batch = (await ask(`/batches/${batch.id}`)) ?? batch;
    }
    if (batch.status !== "finished") throw new Error(`the batch of ${targetDate} is ${batch.status}`);
    ended += 1;
  }
  return ended;
}

async function measure(task: ApiHeapTask): Promise<ApiHeapAnswer> {
  if (globalThis.gc === undefined) throw new Error("needs --expose-gc");
  const server = await startServer(task.options);
  await using load = await startLoad({ url: server.url, traffic: task.traffic, timeoutMs: CLIENT_TIMEOUT_MS });
  const over = new AbortController();
  const batches = runBatches(server.url, task.options.adminToken, over.signal);
  // it is awaited at the end; until then a failure must not end the process unexplained
  batches.catch(() => {});
  await delay(task.warmUpMs);
  const startedAt = clockMs();
  const readings: { atMs: number; bytes: number }[] = [];
  for (let reading = 0; reading < task.readings; reading += 1) {
    await delay(task.everyMs);
    // what the first one finalises, the second one frees
    globalThis.gc();
    globalThis.gc();
    readings.push({ atMs: clockMs() - startedAt, bytes: process.memoryUsage().heapUsed });
  }
  over.abort();
  const ended = await batches;
  const sent = await load.stop();
  await server.close();
  const count = (wanted: string): number => sent.filter(({ outcome }) => outcome === wanted).length;
  return {
    readings,
    answered: sent.length - count("failed"),
    failed: count("failed"),
    accepted: count("accepted"),
    batches: ended,
  };
}

reply(measure);
