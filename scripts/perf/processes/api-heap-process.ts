/** Runs the service under steady load in a separate process, and reads its heap size after collection at a fixed interval. */
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
  /** time without readings: compiled code and caches grow only once */
  readonly warmUpMs: number;
  readonly everyMs: number;
  readonly readings: number;
}

export interface ApiHeapAnswer {
  readonly readings: readonly { readonly atMs: number; readonly bytes: number }[];
  readonly answered: number;
  readonly failed: number;
  /** writes that a flag deferred: the service stored, woke and applied them */
  readonly accepted: number;
  readonly batches: number;
}

const CLIENT_TIMEOUT_MS = 10_000;
const DAY_MS = 86_400_000;
const LAST_DATE_MS = Date.UTC(2026, 0, 1);
/** With these settings, a batch of a tenth of the users takes about 10 s, with its flags raised for that time. */
const BATCH = { style: "chunked", chunkUsers: 100, pauseMs: 250 };
const POLL_MS = 500;

/** Runs one batch after the other, each for an earlier date. @returns the number of finished batches */
async function runBatches(url: string, adminToken: string, signal: AbortSignal): Promise<number> {
  const headers = { authorization: `Bearer ${adminToken}`, "content-type": "application/json" };
  /** null: the service is busy, and the caller must repeat the request */
  const call = async (path: string, body?: object): Promise<{ id: number; status: string } | null> => {
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
    let batch = await call("/batches", { ...BATCH, targetDate });
    if (batch === null) {
      await delay(POLL_MS);
      continue;
    }
    while (batch.status === "running") {
      await delay(POLL_MS);
      batch = (await call(`/batches/${batch.id}`)) ?? batch;
    }
    if (batch.status !== "finished") throw new Error(`the batch of ${targetDate} is ${batch.status}`);
    ended += 1;
  }
  return ended;
}

async function measure(task: ApiHeapTask): Promise<ApiHeapAnswer> {
  if (globalThis.gc === undefined) throw new Error("needs --expose-gc");
  const server = await startServer(task.options);
  await using load = await startLoad({ url: server.url, traffic: task.traffic, timeoutMs: CLIENT_TIMEOUT_MS, retries: 0 });
  const over = new AbortController();
  const batches = runBatches(server.url, task.options.adminToken, over.signal);
  // `measure` awaits the batches at the end. An earlier failure must not end the process as an unhandled rejection.
  batches.catch(() => {});
  await delay(task.warmUpMs);
  const startedAt = clockMs();
  const readings: { atMs: number; bytes: number }[] = [];
  for (let reading = 0; reading < task.readings; reading += 1) {
    await delay(task.everyMs);
    // The first collection runs finalizers, and the second one frees their objects.
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
