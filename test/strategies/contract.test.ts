import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listPlugIns } from "../../harness/registry.ts";
import type { OrmSession } from "../../orms/orm.ts";
import { openTestJob, type TestJob } from "../support/job.ts";

const [strategies, orms, keys] = await Promise.all([listPlugIns("strategy"), listPlugIns("orm"), listPlugIns("key")]);
const cells = strategies.flatMap(({ value: strategy }) =>
  orms
    .filter(({ value: orm }) => strategy.requires.every((capability) => orm.capabilities.has(capability)))
    .flatMap(({ value: orm }) =>
      keys.map(({ value: key }) => ({ strategy, orm, key, name: `${strategy.id} on ${orm.id} with ${key.id}` })),
    ),
);

/** Rerunning depends on how a key is stored, not on how it is made: one key of each storage is enough for the slow test. */
const oneKeyPerStorage = new Set([...Map.groupBy(keys, ({ value }) => value.storage).values()].map(([first]) => first?.value.id));
const cellsToKill = cells.filter(({ key }) => oneKeyPerStorage.has(key.id));

/** Lets so many writes pass, then fails like a process that is killed: nothing after it is sent, no transaction commits. */
class Killed extends Error {}
function mortal(session: OrmSession, life: { left: number }): OrmSession {
  const mortalOperations = new Set(["insertOne", "insertMany", "updateOne", "updateWhere", "execute", "executeBatch"]);
  return new Proxy(session, {
    get(target, property) {
      if (property === "transaction")
        return (work: (tx: OrmSession) => Promise<unknown>) => target.transaction((tx) => work(mortal(tx, life)));
      const own = target[property as keyof OrmSession] as unknown;
      if (typeof own !== "function") return own;
      const call = own.bind(target) as (...args: unknown[]) => Promise<unknown>;
      if (!mortalOperations.has(String(property))) return call;
      return async (...args: unknown[]) => {
        if (life.left === 0) throw new Killed("killed");
        life.left -= 1;
        return call(...args);
      };
    },
  });
}

describe("every strategy, on every ORM that can, with every key", () => {
  let job: TestJob;
  beforeAll(async () => {
    for (const { value } of orms) await value.prepare?.();
    job = await openTestJob("strategies", { users: 24, orders: 800, dormantUsers: 2, dataSeed: 3 });
  });
  afterAll(() => job[Symbol.asyncDispose]());

  it.each(cells)(
    "writes exactly the expected rows in chunks that do not divide the users, and nothing when run again: $name",
    async ({ strategy, orm, key }) => {
      await job.reset();
      await using session = await job.connect(orm, key.storage);
      await strategy.run(job.context(session, key, { chunkUsers: 7 }));
      expect(await job.verify(key)).toEqual({ verified: true });
      await strategy.run(job.context(session, key, { chunkUsers: 7 }));
      expect(await job.verify(key)).toEqual({ verified: true });
    },
  );

  it.each(cellsToKill)("completes what a killed run began, and doubles nothing: $name", async ({ strategy, orm, key }) => {
    await using session = await job.connect(orm, key.storage);
    const life = { left: Number.MAX_SAFE_INTEGER };
    await job.reset();
    await strategy.run(job.context(mortal(session, life), key));
    const writes = Number.MAX_SAFE_INTEGER - life.left;

    // at the first write, at the last but one, and somewhere between that differs from run to run
    for (const left of [1, writes - 2, 1 + Math.floor(Math.random() * (writes - 2))]) {
      await job.reset();
      await expect(
        strategy.run(job.context(mortal(session, { left }), key)),
        `killed after ${left} of ${writes} writes`,
      ).rejects.toThrow(Killed);
      await strategy.run(job.context(session, key));
      expect(await job.verify(key), `killed after ${left} of ${writes} writes`).toEqual({ verified: true });
    }
  });
});
