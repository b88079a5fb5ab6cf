/** Measures the service at and beyond its peak: the served rate, the response times, and the types and times of refusals. */
import { randomUUID } from "node:crypto";
import { Agent, request } from "node:http";
import { DEFAULT_OPTIONS } from "../../../api/options.ts";
import { ensureDataset } from "../../../fixtures/index.ts";
import { startService } from "../../../harness/scenario/service.ts";
import { clockMs } from "../../../lib/clock.ts";
import { datasetOf, type PerfContext } from "./measure.ts";
import { temporarySchema } from "./schemas.ts";

const SECONDS = 8;
/** Enough clients to keep the machine busy, but fewer than the service's limit of concurrent requests, so it sheds none. */
export const PEAK_CLIENTS = 64;
/** Multiple of the rate that the machine can serve. */
const OVERLOAD = 1.5;
/** One request in so many is a write. */
const WRITE_EVERY = 3;
const TICK_MS = 2;

export interface Load {
  readonly servedPerSecond: number;
  readonly servedMs: readonly number[];
  /** times of the answers with status 503 */
  readonly refusedMs: readonly number[];
  /** count per problem name */
  readonly refusals: Readonly<Record<string, number>>;
}

export interface Overloaded extends AsyncDisposable {
  /** Load by clients that wait for each answer, so that the service sets the rate. */
  peak(): Promise<Load>;
  /** Requests at 1.5 times a rate, independent of pending answers. */
  beyond(perSecond: number): Promise<Load>;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function send(agent: Agent, url: string, index: number, users: number): Promise<Answer> {
  const user = 1 + (index % users);
  const isWrite = index % WRITE_EVERY === 0;
  const path = isWrite ? `/users/${user}/badges/${1 + (index % 5)}` : `/users/${user}/membership`;
  const headers = isWrite ? { "content-type": "application/json", "idempotency-key": randomUUID() } : {};
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = request(`${url}${path}`, { agent, method: isWrite ? "PUT" : "GET", headers }, (answer) => {
    let text = "";
    answer.setEncoding("utf8").on("data", (part: string) => (text += part));
    answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
  });
  sent.on("error", reject);
  sent.end(isWrite ? JSON.stringify({ active: index % 2 === 0 }) : undefined);
  return promise;
}

/** @param drive controls the number and the times of the requests */
async function count(url: string, users: number, drive: (send: () => Promise<void>) => Promise<void>): Promise<Load> {
  const agent = new Agent({ keepAlive: true });
  const [servedMs, refusedMs]: [number[], number[]] = [[], []];
  const refusals: Record<string, number> = {};
  let index = 0;
  const startedAt = clockMs();
  await drive(async () => {
    const sentAt = clockMs();
    const { status, text } = await send(agent, url, (index += 1), users);
    const tookMs = clockMs() - sentAt;
    if (status === 200) servedMs.push(tookMs);
    else if (status === 503) {
      const [, kind = "unnamed"] = /"type":"\/problems\/([\w-]+)"/.exec(text) ?? [];
      refusals[kind] = (refusals[kind] ?? 0) + 1;
      refusedMs.push(tookMs);
    } else throw new Error(`${url} answered ${status}`);
  });
  agent.destroy();
  return { servedPerSecond: (servedMs.length * 1_000) / (clockMs() - startedAt), servedMs, refusedMs, refusals };
}

/** Starts a separate service on a tenth of the data. */
export async function openOverloaded(context: PerfContext, name: string): Promise<Overloaded> {
  const { database, log } = context;
  const parameters = datasetOf(context, 0.1);
  await using stack = new AsyncDisposableStack();
  const { target } = stack.use(await temporarySchema(database.target, name));
  await ensureDataset(target, parameters, { log });
  const { url } = stack.use(await startService({ ...DEFAULT_OPTIONS, target, adminToken: randomUUID() }));
  const resources = stack.move();
  return {
    peak: () =>
      count(url, parameters.users, async (send) => {
        const end = clockMs() + SECONDS * 1_000;
        const client = async (): Promise<void> => {
          while (clockMs() < end) await send();
        };
        await Promise.all(Array.from({ length: PEAK_CLIENTS }, client));
      }),
    beyond: (perSecond) =>
      count(url, parameters.users, async (send) => {
        const startedAt = clockMs();
        const sent: Promise<void>[] = [];
        while (clockMs() - startedAt < SECONDS * 1_000) {
          const due = Math.floor(((clockMs() - startedAt) / 1_000) * perSecond * OVERLOAD);
          while (sent.length < due) sent.push(send());
          await new Promise((resume) => setTimeout(resume, TICK_MS));
        }
        await Promise.all(sent);
      }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** `shed 5,012, pool-timeout 3` */
export const refusalsText = (loads: readonly Pick<Load, "refusals">[]): string => {
  const all = new Map<string, number>();
  for (const { refusals } of loads)
    for (const [kind, many] of Object.entries(refusals)) all.set(kind, (all.get(kind) ?? 0) + many);
  return [...all].map(([kind, many]) => `${kind} ${many.toLocaleString("en")}`).join(", ") || "none";
};
