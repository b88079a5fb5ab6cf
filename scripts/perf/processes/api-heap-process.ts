/** The service under steady load in a process of its own, and how much its heap holds after collection, again and again. */
import { setTimeout as delay } from "node:timers/promises";
import type { ApiOptions } from "../../../api/options.ts";
import { startServer } from "../../../api/server.ts";
import { startLoad } from "../../../harness/api/load.ts";
import type { TrafficSettings } from "../../../harness/api/traffic.ts";
import { clockMs } from "../../../harness/clock.ts";
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
}

const CLIENT_TIMEOUT_MS = 10_000;

async function measure(task: ApiHeapTask): Promise<ApiHeapAnswer> {
  if (globalThis.gc === undefined) throw new Error("needs --expose-gc");
  const server = await startServer(task.options);
  await using load = await startLoad({ url: server.url, traffic: task.traffic, timeoutMs: CLIENT_TIMEOUT_MS });
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
  const sent = await load.stop();
  await server.close();
  const failed = sent.filter(({ outcome }) => outcome === "failed").length;
  return { readings, answered: sent.length - failed, failed };
}

reply(measure);
