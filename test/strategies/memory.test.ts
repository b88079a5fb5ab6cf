/** Memory must not grow with the users: what a technique or a library keeps of users that are done would end a long run. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Orm, OrmSession } from "../../orms/orm.ts";
import { key } from "../../strategies/keys/uuidv7.ts";
import type { Share } from "../../strategies/strategy.ts";
import { openTestJob, type TestJob } from "../support/job.ts";
import { listCodes, type TestCode } from "./cells.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/**
 * A user is about 12 rows. A library that kept them as plain objects would hold 2,200 bytes a user (the last test), as
 * entities more; what is measured where nothing is kept is between -300 and 300.
 */
const MAX_RETAINED_BYTES_PER_USER = 1_000;

const USERS = { many: 1_200, few: 120, warmUp: 24 };
const SAMPLES = 30;
/** More than a library keeps of those that are over: Prisma remembers the last 100. */
const TRANSACTIONS_BEFORE = 120;

/** What works inside the server holds no rows in the client. */
const codes = (await listCodes()).filter(({ strategy }) => strategy.roundTrips !== "once");

describe("the memory of a run", () => {
  let job: TestJob;
  beforeAll(async () => {
    for (const { orm } of codes) await orm.prepare?.();
    const users = USERS.many + USERS.warmUp;
    job = await openTestJob("memory", { users, orders: 33 * users, dormantUsers: 0, dataSeed: 6 });
  });
  afterAll(() => job[Symbol.asyncDispose]());

  /** From the first third of the users to the last, so that what is made once is not counted. */
  async function retainedBytesPerUser({ code, strategy }: TestCode, orm: Orm): Promise<number> {
    await job.reset();
    await using session = await job.connect(orm, key.storage);
    for (let count = 0; count < TRANSACTIONS_BEFORE; count += 1) await session.transaction(async () => {});
    const run = (share: Share, chunkUsers: number, finished: (throughUserId: number) => void): Promise<void> =>
      code.run(job.context(session, key, { orm, share, chunkUsers, finished }));
    await run({ firstUserId: USERS.many + 1, lastUserId: USERS.many + USERS.warmUp }, 2, () => {});

    const users = strategy.roundTrips === "per-row" ? USERS.few : USERS.many;
    const samples: Sample[] = [];
    await run({ firstUserId: 1, lastUserId: users }, users / (2 * SAMPLES), (user) => {
      if (user < (samples.length + 1) * (users / SAMPLES)) return;
      collectGarbage();
      samples.push({ user, bytes: process.memoryUsage().heapUsed });
    });
    const third = Math.floor(SAMPLES / 3);
    expect(samples).toHaveLength(SAMPLES);
    const first = medianOf(samples.slice(0, third));
    const last = medianOf(samples.slice(-third));
    return (last.bytes - first.bytes) / (last.user - first.user);
  }

  it.each(codes)("does not grow with the users that are done: $name", async (cell) => {
    const x = await retainedBytesPerUser(cell, cell.orm);
    console.log(cell.name, Math.round(x));
    expect(x).toBeLessThan(MAX_RETAINED_BYTES_PER_USER);
  });

  it.each(codes.filter(({ strategy, orm }) => orm.id === "mysql2" && ["chunked", "naive"].includes(strategy.id)))(
    "is seen to grow where a library keeps the rows that it is given: $name",
    async (cell) => {
      const x = await retainedBytesPerUser(cell, hoarding(cell.orm));
      console.log("HOARD", cell.name, Math.round(x));
      expect(x).toBeGreaterThan(MAX_RETAINED_BYTES_PER_USER);
    },
  );
});

interface Sample {
  readonly user: number;
  readonly bytes: number;
}

function medianOf(samples: readonly Sample[]): Sample {
  const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  return { user: median(samples.map(({ user }) => user)), bytes: median(samples.map(({ bytes }) => bytes)) };
}

/** A library that never forgets. */
function hoarding(orm: Orm): Orm {
  const kept: unknown[] = [];
  const writes = new Set<string | symbol>(["insertOne", "insertMany", "updateOne", "updateWhere"]);
  const keeping = (session: OrmSession): OrmSession =>
    new Proxy(session, {
      get(target, property) {
        if (property === "transaction")
          return (work: (tx: OrmSession) => Promise<unknown>) => target.transaction((tx) => work(keeping(tx)));
        const own = target[property as keyof OrmSession] as unknown;
        if (typeof own !== "function") return own;
        const call = own.bind(target) as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => {
          if (writes.has(property)) kept.push(args);
          return call(...args);
        };
      },
    });
  return { ...orm, connect: async (options) => keeping(await orm.connect(options)) };
}
