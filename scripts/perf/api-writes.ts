import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { DEFAULT_OPTIONS } from "../../api/options.ts";
import { ensureDataset } from "../../fixtures/index.ts";
import { startService, type ServiceProcess } from "../../harness/scenario/service.ts";
import { clockMs } from "../../lib/clock.ts";
import { TARGET_DATE } from "../../workload/calendar.ts";
import { alternate } from "./lib/alternate.ts";
import { datasetOf, highest, ratioOf, type PerfMeasure } from "./lib/measure.ts";
import { temporarySchema } from "./lib/schemas.ts";

/** They take seconds per side. Fewer writes would measure single flushes. */
const WRITES = 1_500;
/** Enough clients to keep two cores busy, and few enough that no request waits for a connection. */
const CLIENTS = 8;
const GUARDS = ["memory-flag", "db-flag"];
/** The limit applies to this guard. */
const PROMISED = "memory-flag";
/** A batch that has chosen its users and writes nothing. */
const IDLE = {
  codeUrl: new URL("./plugins/idle.ts", import.meta.url).href,
  ormUrl: new URL("../../orms/mysql2/index.ts", import.meta.url).href,
  keyUrl: new URL("../../strategies/keys/identity.ts", import.meta.url).href,
  workers: 1,
  split: null,
  parallel: null,
};
const POLL_MS = 50;
const START_LIMIT_MS = 60_000;

interface Users {
  /** users of the batch, which flags them */
  readonly flagged: number;
  /** users with the next ids, which the clients write to */
  readonly others: number;
}

const change = ({ url }: ServiceProcess, userId: number, index: number): Promise<Response> =>
  fetch(`${url}/users/${userId}/badges/${1 + (index % 5)}`, {
    method: "PUT",
    headers: { "content-type": "application/json", "idempotency-key": randomUUID() },
    body: JSON.stringify({ active: index % 2 === 0 }),
  });

/** @returns milliseconds for all writes */
async function timeWrites(service: ServiceProcess, { flagged, others }: Users): Promise<number> {
  let left = WRITES;
  const startedAt = clockMs();
  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const answer = await change(service, flagged + 1 + (left % others), left);
      await answer.arrayBuffer();
      if (answer.status !== 200) throw new Error(`${answer.url} was answered ${answer.status}`);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return clockMs() - startedAt;
}

async function statusOf(service: ServiceProcess, userId: number): Promise<number> {
  const { status, body } = await change(service, userId, 0);
  await body?.cancel();
  return status;
}

/** @returns a user of the batch, whose writes are deferred. Writes to users outside the batch are no longer deferred. */
async function startIdleBatch(service: ServiceProcess, adminToken: string, { flagged }: Users): Promise<number> {
  const answer = await fetch(`${service.url}/batches`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${adminToken}` },
    body: JSON.stringify({ targetDate: TARGET_DATE.toISOString().slice(0, 10), style: "strategy" }),
  });
  const text = await answer.text();
  if (answer.status !== 202) throw new Error(`the batch was answered ${answer.status}: ${text}`);
  const deadline = clockMs() + START_LIMIT_MS;
  while ((await statusOf(service, flagged + 1)) !== 200) {
    if (clockMs() > deadline) throw new Error("the batch's flags did not come down to its own users");
    await delay(POLL_MS);
  }
  // Nearly all of the first users have orders in the window, so the search is short.
  for (let userId = 1; userId <= flagged; userId += 1) if ((await statusOf(service, userId)) === 202) return userId;
  throw new Error("no write to the batch's users was deferred: its flags are not raised");
}

export const measure: PerfMeasure = {
  id: "api-writes",
  what: "writes of the API under the memory flag to users whom an idle batch has not flagged",
  against: "the guard none beside the same batch",
  // The guarded service must keep at least 0.95 of the rate.
  limit: 1 / 0.95,
  unit: "x",

  async run(context) {
    const { database, log } = context;
    const loaded = datasetOf(context, 0.1);
    const users: Users = { flagged: loaded.users, others: loaded.users };
    await using schema = await temporarySchema(database.target, "api");
    await ensureDataset(schema.target, { ...loaded, dormantUsers: users.others }, { log });
    const { target } = schema;
    const adminToken = randomUUID();
    const start = (guard: string): Promise<ServiceProcess> =>
      startService({ ...DEFAULT_OPTIONS, target, guard, adminToken, strategy: IDLE });
    await using unguarded = await start("none");
    const parts = [];
    for (const guard of GUARDS) {
      // The unfinished batch ends with its service, and the next service resumes it.
      await using guarded = await start(guard);
      const flaggedUser = await startIdleBatch(guarded, adminToken, users);
      const taken = await alternate(
        context,
        `api-writes, ${guard}`,
        {
          base: () => timeWrites(unguarded, users),
          candidate: () => timeWrites(guarded, users),
        },
        { warmUp: true },
      );
      if ((await statusOf(guarded, flaggedUser)) !== 202) throw new Error("the batch's flags were gone before the end");
      parts.push({ label: guard, ...ratioOf(taken, "ms") });
    }
    const { label: _label, ...promised } = highest(parts.filter(({ label }) => label === PROMISED));
    return {
      ...promised,
      note: `${WRITES} badge changes a side by ${CLIENTS} clients that wait for each answer, beside a batch that has chosen its users, ${loaded.users} at most, and writes nothing; ratios of times, so 1.05x is 0.95 of the rate. The flag in the database stands beside it.`,
      parts: parts.filter(({ label }) => label !== PROMISED),
    };
  },
};
