import { ensureDataset } from "../../fixtures/index.ts";
import { ensureOracle } from "../../harness/verify/oracle.ts";
import { planCells } from "../../harness/plan/cells.ts";
import { resetOutputs } from "../../harness/server-state/reset.ts";
import { verify } from "../../harness/verify/rows.ts";
import { connect, type Connection } from "../../lib/connection.ts";
import type { PlannedCell } from "../../harness/plan/planned-cell.ts";
import { alternate } from "./lib/alternate.ts";
import { chunkUsersOf, datasetOf, highest, ratioOf, type Part, type PerfContext, type PerfMeasure } from "./lib/measure.ts";
import { runProcess } from "./lib/processes.ts";
import { temporarySchema, type TemporarySchema } from "./lib/schemas.ts";
import type { JobPlace, MemoryAnswer, MemoryTask } from "./processes/memory-process.ts";
import { mebibytes } from "../../harness/text/format.ts";

const PROCESS = new URL("./processes/memory-process.ts", import.meta.url);
/** Fractions of the default dataset. Small absolute sizes show growth best, because constant memory hides less of it. */
const SMALL_FRACTION = 0.1;
const LARGE_FRACTION = 1;

const memoryOf = async (task: MemoryTask, signal: AbortSignal): Promise<number> =>
  (await runProcess<MemoryAnswer>(PROCESS, task, signal)).bytes;

async function ofLoader(context: PerfContext): Promise<Part> {
  const { database, signal } = context;
  await using warmUp = await temporarySchema(database.target, "warm");
  await using measured = await temporarySchema(database.target, "sized");
  const load = async (fraction: number): Promise<number> => {
    await warmUp.drop();
    await measured.drop();
    const places = [
      { target: warmUp.target, parameters: datasetOf(context, SMALL_FRACTION) },
      { target: measured.target, parameters: datasetOf(context, fraction) },
    ] as const;
    return memoryOf({ kind: "load", places }, signal);
  };
  // Each is a separate process with a separate warm-up.
  const pairs = await alternate(
    context,
    "memory of the loader",
    { base: () => load(SMALL_FRACTION), candidate: () => load(LARGE_FRACTION) },
    { warmUp: false },
  );
  return { label: "loader", ...ratioOf(pairs, "bytes") };
}

/** A dataset with its expected result. */
interface Ready extends AsyncDisposable {
  readonly place: JobPlace;
  readonly admin: Connection;
}

async function prepare(context: PerfContext, schema: TemporarySchema, fraction: number): Promise<Ready> {
  const { log } = context;
  const parameters = datasetOf(context, fraction);
  const { contentHash } = await ensureDataset(schema.target, parameters, { log });
  const admin = await connect(schema.target);
  await ensureOracle(admin, contentHash, log);
  return {
    place: { target: schema.target, users: parameters.users },
    admin,
    [Symbol.asyncDispose]: async () => admin.destroy(),
  };
}

async function ofStrategy(
  context: PerfContext,
  { modules, orm, key }: PlannedCell,
  [warmUp, small, large]: readonly [Ready, Ready, Ready],
): Promise<Part> {
  await orm.prepare?.();
  let runId = 0;
  const job = async ({ place, admin }: Ready): Promise<number> => {
    runId += 1;
    await resetOutputs(warmUp.admin);
    await resetOutputs(admin);
    const bytes = await memoryOf(
      { kind: "job", places: [warmUp.place, place], ...modules, chunkUsers: chunkUsersOf(context), runId },
      context.signal,
    );
    const done = [{ firstUserId: 1, lastUserId: place.users }];
    const verdict = await verify(admin, {
      runId,
      key,
      done,
      restUntouched: true,
      steps: { partitions: done, state: "finished" },
    });
    if (!verdict.verified) throw new Error(`chunked/${orm.id}: wrong result: ${verdict.difference}`);
    return bytes;
  };
  const pairs = await alternate(
    context,
    `memory of chunked/${orm.id}`,
    { base: () => job(small), candidate: () => job(large) },
    { warmUp: false },
  );
  return { label: `chunked/${orm.id}`, ...ratioOf(pairs, "bytes") };
}

async function ofStrategies(context: PerfContext): Promise<Part[]> {
  const { database, orms } = context;
  await using resources = new AsyncDisposableStack();
  const place = async (name: string, fraction: number): Promise<Ready> =>
    resources.use(await prepare(context, resources.use(await temporarySchema(database.target, name)), fraction));
  const places = [
    await place("warm", SMALL_FRACTION),
    await place("small", SMALL_FRACTION),
    await place("large", LARGE_FRACTION),
  ] as const;
  const cells = await planCells([
    { strategies: ["chunked"], orms: [...orms], keys: ["identity"], chunkUsers: [chunkUsersOf(context)] },
  ]);
  const parts: Part[] = [];
  for (const cell of cells) if (cell.skipReason === null) parts.push(await ofStrategy(context, cell, places));
  return parts;
}

const mostOf = (part: Part): string => {
  const most = part.pairs.map(({ candidate }) => candidate);
  return mebibytes(Math.max(...most));
};

export const measure: PerfMeasure = {
  id: "memory",
  what: "memory after collection, 10x the orders and users: loader, chunked by each library",
  against: "1x",
  limit: 1.2,
  unit: "x",

  async run(context) {
    const parts = [await ofLoader(context), ...(await ofStrategies(context))];
    const worst = highest(parts);
    const { users, orders } = datasetOf(context, SMALL_FRACTION);
    return {
      ...worst,
      note: `Worst: ${worst.label}. 1x is ${users.toLocaleString("en")} users and ${orders.toLocaleString("en")} orders. The most that heap and buffers held after garbage collection, at the same points of each process's work and at its end, all imports included; at most, at 10x: ${parts.map((part) => `${part.label} ${mostOf(part)}`).join(", ")}.`,
      parts,
    };
  },
};
