/** Memory must not grow with the number of users: a technique or library that keeps finished users would end a long run. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { median } from "../../harness/statistics/quantiles.ts";
import type { Orm, OrmSession } from "../../orms/orm.ts";
import { key } from "../../strategies/keys/uuidv7.ts";
import type { Partition } from "../../strategies/strategy.ts";
import { openTestJob, type TestJob } from "../support/job.ts";
import { watchedSession } from "../support/watched-session.ts";
import { listCodes, type TestCode } from "./cells.ts";
import { isFull, variants } from "../support/full.ts";

// Compiled code is on the heap too, and the engine compiles at any time. With compilation, equal runs differ by 2,000 bytes
// per user.
const COMPILERS = ["opt", "maglev", "sparkplug", "flush-bytecode"];
setFlagsFromString("--expose-gc");
for (const compiler of COMPILERS) setFlagsFromString(`--no-${compiler}`);
const collectGarbage = runInNewContext("gc") as () => void;

/**
 * A user has about 12 rows. A library that kept them as plain objects would keep 2,200 bytes per user (see the last test),
 * and as entities more. Code that keeps nothing measures between -300 and 300.
 */
const MAX_RETAINED_BYTES_PER_USER = 1_000;

/** Socket buffers are allocated and freed in pieces of this size, independent of kept rows. */
const SOCKET_BUFFER_BYTES = 64 * 1024;

/** Chunks before the measurement: libraries keep plans and results of their last statements. */
const WARM_UP_CHUNKS = 8;
const CHUNKS = 36;
const SAMPLES = 12;
/** A row-by-row technique shows its kept bytes per user with fewer users. */
const CHUNK_USERS = { bulk: 8, rowByRow: 1 };
/** More transactions than a library keeps: Prisma keeps the last 100. */
const TRANSACTIONS_BEFORE = 120;

/** Strategies with rows in the client. A strategy inside the server has none. */
const inClient = (await listCodes()).filter(({ strategy }) => strategy.roundTrips !== "once");
/**
 * One strategy of each kind with every library: row by row, in bulk, with entities. The other strategies share the same
 * steps,
 */
const KINDS = new Set(["naive", "chunked", "unit-of-work"]);
/** so they run only with libraries that can keep the most: in an identity map, or in pipelined statements. */
const REMEMBERING = ["unit-of-work", "statement-batch"] as const;
const everyCode = inClient.filter(
  ({ strategy, orm }) => KINDS.has(strategy.id) || REMEMBERING.some((capability) => orm.capabilities.has(capability)),
);
/**
 * The rows of a chunk in the first query builder, and entities row by row in the first library with entities. A driver keeps less. Of
 * Prisma and of each unit of work, test/run/native-variants.test.ts measures the memory of finished chunks.
 */
const builder = everyCode.find(({ orm }) => orm.class === "query-builder")?.orm;
const withEntities = everyCode.find(({ orm }) => orm.capabilities.has("unit-of-work"))?.orm;
const codes = variants(
  everyCode,
  ({ strategy, orm }) => (orm === builder && strategy.id === "chunked") || (orm === withEntities && strategy.id === "naive"),
);

describe("the memory of a run", () => {
  let job: TestJob;
  beforeAll(async () => {
    for (const { orm } of codes) await orm.prepare?.();
    const users = (WARM_UP_CHUNKS + CHUNKS) * CHUNK_USERS.bulk;
    job = await openTestJob("memory", { users, orders: 33 * users, dormantUsers: 0, dataSeed: 6 });
  });
  afterAll(async () => {
    await job[Symbol.asyncDispose]();
    // other test files run in this process
    for (const compiler of COMPILERS) setFlagsFromString(`--${compiler}`);
  });

  /** The growth from the first third of the users to the last, so that one-time allocations do not count. */
  async function retainedBytesPerUser({ code, strategy }: TestCode, orm: Orm): Promise<number> {
    await job.reset();
    const session = await job.connect(orm, key.storage, { uses: strategy.requires });
    await using stack = new AsyncDisposableStack();
    // Node 24 refuses a Proxy in `await using`.
    stack.defer(() => session[Symbol.asyncDispose]());
    for (let count = 0; count < TRANSACTIONS_BEFORE; count += 1) await session.transaction(async () => {});
    const chunkUsers = strategy.roundTrips === "per-row" ? CHUNK_USERS.rowByRow : CHUNK_USERS.bulk;
    const run = (partition: Partition, finished: (throughUserId: number) => void): Promise<void> =>
      code.run(job.context(session, key, { orm, partition, chunkUsers, finished }));
    const before = WARM_UP_CHUNKS * chunkUsers;
    await run({ firstUserId: 1, lastUserId: before }, () => {});

    const users = CHUNKS * chunkUsers;
    const samples: Sample[] = [];
    await run({ firstUserId: before + 1, lastUserId: before + users }, (through) => {
      const user = through - before;
      if (user < (samples.length + 1) * (users / SAMPLES)) return;
      collectGarbage();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      samples.push({ user, heap: heapUsed, buffers: arrayBuffers });
    });
    expect(samples).toHaveLength(SAMPLES);
    const third = Math.floor(SAMPLES / 3);
    const [first, last] = [samples.slice(0, third), samples.slice(-third)];
    const growthOf = (sum: (values: number[]) => number, part: (sample: Sample) => number): number =>
      sum(last.map(part)) - sum(first.map(part));
    // A buffer may be in use in all of the last samples and in none of the first.
    const outside =
      growthOf(
        (values) => Math.min(...values),
        ({ buffers }) => buffers,
      ) - SOCKET_BUFFER_BYTES;
    const inside = growthOf(median, ({ heap }) => heap);
    return (inside + Math.max(0, outside)) / growthOf(median, ({ user }) => user);
  }

  it.each(codes)("does not grow with the finished users: $name", async (cell) => {
    expect(await retainedBytesPerUser(cell, cell.orm)).toBeLessThan(MAX_RETAINED_BYTES_PER_USER);
  });

  const of = (ids: readonly string[], isMeant: (orm: Orm) => boolean): TestCode[] =>
    everyCode.filter(({ strategy, orm }) => ids.includes(strategy.id) && isMeant(orm));

  it.each(of(isFull ? ["chunked", "naive"] : ["chunked"], ({ class: kind, driver }) => kind === "raw" && driver === "mysql2"))(
    "grows measurably if a library keeps its rows: $name",
    async (cell) => {
      const kept: unknown[] = [];
      const keeping = altered(cell.orm, {
        insertOne: (...row) => void kept.push(row),
        insertMany: (...rows) => void kept.push(rows),
        updateOne: (...row) => void kept.push(row),
        updateWhere: (...rows) => void kept.push(rows),
      });
      expect(await retainedBytesPerUser(cell, keeping)).toBeGreaterThan(MAX_RETAINED_BYTES_PER_USER);
    },
  );

  it.runIf(isFull).each(of(["naive"], ({ class: kind, driver }) => kind === "raw" && driver === "mysql2"))(
    "grows measurably if a library keeps buffers outside the heap: $name",
    async (cell) => {
      const kept: Buffer[] = [];
      // One buffer for each user, so that the heap stays almost equal.
      const keeping = altered(cell.orm, { updateOne: (table) => void (table === "users" && kept.push(Buffer.alloc(8192))) });
      expect(await retainedBytesPerUser(cell, keeping)).toBeGreaterThan(MAX_RETAINED_BYTES_PER_USER);
    },
  );

  it.runIf(isFull).each(of(["naive"], ({ capabilities }) => capabilities.has("unit-of-work")))(
    "grows measurably if an identity map is not cleared: $name",
    async (cell) => {
      const forgetful = altered(cell.orm, { clear: "ignored" });
      expect(await retainedBytesPerUser(cell, forgetful)).toBeGreaterThan(MAX_RETAINED_BYTES_PER_USER);
    },
  );
});

interface Sample {
  readonly user: number;
  /** in bytes, like `buffers` */
  readonly heap: number;
  /** outside the heap: the data that drivers read and write, without WebAssembly's memory, which grows by 1 MB at any time */
  readonly buffers: number;
}

type Operation = Exclude<keyof OrmSession, "transaction" | typeof Symbol.asyncDispose>;

/** A library with some operations observed or ignored. */
function altered(orm: Orm, changes: Partial<Record<Operation, "ignored" | ((...args: unknown[]) => void)>>): Orm {
  const alteredSession = (session: OrmSession): OrmSession =>
    watchedSession(session, (operation, args, call) => {
      const change = changes[operation as Operation];
      if (change === "ignored") return undefined;
      change?.(...args);
      return call();
    });
  return { ...orm, connect: async (options) => alteredSession(await orm.connect(options)) };
}
