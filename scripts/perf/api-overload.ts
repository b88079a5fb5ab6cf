import { randomUUID } from "node:crypto";
import { Agent, request } from "node:http";
import { DEFAULT_OPTIONS } from "../../api/options.ts";
import { ensureDataset } from "../../fixtures/index.ts";
import { clockMs } from "../../harness/clock.ts";
import { alternate } from "./lib/alternate.ts";
import { startService } from "../../harness/api/service.ts";
import { datasetOf, medianTimeOf, ratioOf, type PerfMeasure } from "./lib/measure.ts";
import { temporarySchema } from "./lib/schemas.ts";

const SECONDS = 8;
/** Enough to keep the machine busy, below what the service takes at a time: nothing is shed. */
const PEAK_CLIENTS = 64;
const OVERLOAD = 1.5;
/** Every so many requests one writes. */
const WRITE_EVERY = 3;
const TICK_MS = 2;
const P99 = 0.99;

interface Load {
  servedPerSecond: number;
  shedMs: number[];
}

function ask(agent: Agent, url: string, index: number, users: number): Promise<number> {
  const user = 1 + (index % users);
  const isWrite = index % WRITE_EVERY === 0;
  const path = isWrite ? `/users/${user}/badges/${1 + (index % 5)}` : `/users/${user}/membership`;
  const headers = isWrite ? { "content-type": "application/json", "idempotency-key": randomUUID() } : {};
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const sent = request(`${url}${path}`, { agent, method: isWrite ? "PUT" : "GET", headers }, (answer) => {
    answer.resume().on("end", () => resolve(answer.statusCode ?? 0));
  });
  sent.on("error", reject);
  sent.end(isWrite ? JSON.stringify({ active: index % 2 === 0 }) : undefined);
  return promise;
}

/** @param drive sends as many requests as it wants, when it wants */
async function count(url: string, users: number, drive: (send: () => Promise<void>) => Promise<void>): Promise<Load> {
  const agent = new Agent({ keepAlive: true });
  const shedMs: number[] = [];
  let served = 0;
  let index = 0;
  const startedAt = clockMs();
  await drive(async () => {
    const sentAt = clockMs();
    const status = await ask(agent, url, (index += 1), users);
    if (status === 503) shedMs.push(clockMs() - sentAt);
    else if (status === 200) served += 1;
    else throw new Error(`${url} answered ${status}`);
  });
  agent.destroy();
  return { servedPerSecond: (served * 1_000) / (clockMs() - startedAt), shedMs };
}

/** Clients that wait for each answer: as fast as the service can. */
const closedLoop = (url: string, users: number): Promise<Load> =>
  count(url, users, async (send) => {
    const end = clockMs() + SECONDS * 1_000;
    const client = async (): Promise<void> => {
      while (clockMs() < end) await send();
    };
    await Promise.all(Array.from({ length: PEAK_CLIENTS }, client));
  });

/** Requests at a rate, whether others were answered or not. */
const openLoop = (url: string, users: number, perSecond: number): Promise<Load> =>
  count(url, users, async (send) => {
    const startedAt = clockMs();
    const sent: Promise<void>[] = [];
    while (clockMs() - startedAt < SECONDS * 1_000) {
      const due = Math.floor(((clockMs() - startedAt) / 1_000) * perSecond);
      while (sent.length < due) sent.push(send());
      await new Promise((resume) => setTimeout(resume, TICK_MS));
    }
    await Promise.all(sent);
  });

export const measure: PerfMeasure = {
  id: "api-overload",
  what: "requests of the API served at 1.5 times what the machine holds, time for each",
  against: "the service at its peak",
  // at least 0.8 of the peak's rate
  limit: 1 / 0.8,
  unit: "x",

  async run(context) {
    const { database, log } = context;
    const parameters = datasetOf(context, 0.1);
    await using schema = await temporarySchema(database.target, "overload");
    await ensureDataset(schema.target, parameters, { log });
    await using server = await startService({ ...DEFAULT_OPTIONS, target: schema.target, adminToken: randomUUID() });
    let peak = (await closedLoop(server.url, parameters.users)).servedPerSecond;
    const shedP99Ms: number[] = [];
    const taken = await alternate(
      context,
      "api-overload",
      {
        async base() {
          peak = (await closedLoop(server.url, parameters.users)).servedPerSecond;
          return 1_000 / peak;
        },
        async candidate() {
          const { servedPerSecond, shedMs } = await openLoop(server.url, parameters.users, OVERLOAD * peak);
          const slowest = shedMs.toSorted((a, b) => a - b).at(Math.floor(shedMs.length * P99) - shedMs.length);
          if (slowest !== undefined) shedP99Ms.push(slowest);
          return 1_000 / servedPerSecond;
        },
      },
      { warmUp: true },
    );
    return {
      ...ratioOf(taken, "ms"),
      note: `Two reads to a write, ${PEAK_CLIENTS} clients at the peak (${Math.round(peak)} requests/s at last); 1.25x is 0.8 of the rate. Beside it, how long a 503 took.`,
      parts: shedP99Ms.length === 0 ? [] : [{ label: "503, p99", ...medianTimeOf(shedP99Ms) }],
    };
  },
};
