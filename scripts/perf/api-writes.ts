import { randomUUID } from "node:crypto";
import { DEFAULT_OPTIONS } from "../../api/options.ts";
import { ensureDataset } from "../../fixtures/index.ts";
import { clockMs } from "../../harness/clock.ts";
import { alternate } from "./lib/alternate.ts";
import { startService, type ServiceProcess } from "../../harness/api/service.ts";
import { datasetOf, highest, ratioOf, type PerfMeasure } from "./lib/measure.ts";
import { temporarySchema } from "./lib/schemas.ts";

/** Seconds a side: less would measure single flushes. */
const WRITES = 1_500;
/** Enough to keep two cores busy, and few enough that nobody waits for a connection. */
const CLIENTS = 8;
const GUARDS = ["memory-flag", "db-flag"];
/** The one that the limit is for. */
const PROMISED = "memory-flag";

/** @returns milliseconds for all of them */
async function timeWrites({ url }: ServiceProcess, users: number): Promise<number> {
  let left = WRITES;
  const startedAt = clockMs();
  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const path = `${url}/users/${1 + (left % users)}/badges/${1 + (left % 5)}`;
      const answer = await fetch(path, {
        method: "PUT",
        headers: { "content-type": "application/json", "idempotency-key": randomUUID() },
        body: JSON.stringify({ active: left % 2 === 0 }),
      });
      await answer.arrayBuffer();
      if (answer.status !== 200) throw new Error(`${path} was answered ${answer.status}`);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return clockMs() - startedAt;
}

export const measure: PerfMeasure = {
  id: "api-writes",
  what: "writes of the API under the memory flag, no batch running",
  against: "the guard none",
  // at least 0.95 of its rate
  limit: 1 / 0.95,
  unit: "x",

  async run(context) {
    const { database, log } = context;
    const parameters = datasetOf(context, 0.1);
    await using schema = await temporarySchema(database.target, "api");
    await ensureDataset(schema.target, parameters, { log });
    const { target } = schema;
    await using servers = new AsyncDisposableStack();
    const start = async (guard: string): Promise<ServiceProcess> =>
      servers.use(await startService({ ...DEFAULT_OPTIONS, target, guard, adminToken: randomUUID() }));
    const unguarded = await start("none");
    const parts = [];
    for (const guard of GUARDS) {
      const guarded = await start(guard);
      const taken = await alternate(
        context,
        `api-writes, ${guard}`,
        {
          base: () => timeWrites(unguarded, parameters.users),
          candidate: () => timeWrites(guarded, parameters.users),
        },
        { warmUp: true },
      );
      parts.push({ label: guard, ...ratioOf(taken, "ms") });
    }
    const { label: _label, ...promised } = highest(parts.filter(({ label }) => label === PROMISED));
    return {
      ...promised,
      note: `${WRITES} badge changes a side by ${CLIENTS} clients that wait for each answer; ratios of times, so 1.05x is 0.95 of the rate. The flag in the database stands beside it.`,
      parts: parts.filter(({ label }) => label !== PROMISED),
    };
  },
};
