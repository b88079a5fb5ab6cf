import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listPlugIns } from "../../harness/registry.ts";
import type { OrmSession } from "../../orms/orm.ts";
import type { KeyScheme } from "../../strategies/keys/key.ts";
import type { Partition, Strategy } from "../../strategies/strategy.ts";
import { openTestJob, type TestJob } from "../support/job.ts";
import { statementsOf } from "../support/statements.ts";
import { watchedSession } from "../support/watched-session.ts";
import { listCodes } from "./cells.ts";

const [codes, keys] = await Promise.all([listCodes(), listPlugIns("key")]);
const cells = codes.flatMap((code) =>
  keys
    .filter(({ value: key }) => canInsert(code.strategy, key))
    .map(({ value: key }) => ({ ...code, key, codeName: code.name, name: `${code.name} with ${key.id}` })),
);

/** Where the server inserts what it selects, it must be able to make the keys. */
function canInsert({ requires }: Strategy, key: KeyScheme): boolean {
  return !requires.includes("server-side") || key.next === undefined || key.sqlExpression !== undefined;
}

/** Sizes and reruns depend on how a key is stored, not on how it is made: one key of each storage is enough. */
const oneKeyPerStorage = new Set([...Map.groupBy(keys, ({ value }) => value.storage).values()].map(([first]) => first?.value.id));
const cellsPerStorage = cells.filter(({ key }) => oneKeyPerStorage.has(key.id));

const USERS = 24;
const DORMANT_USERS = 2;
const CHUNK = 7;
/** A chunk, 1 user, nobody, a chunk and one, a chunk but one, users without orders alone; two users are left out. */
const ODD_SHARES: readonly Partition[] = [
  { firstUserId: 9, lastUserId: 9 + CHUNK - 1 },
  { firstUserId: 1, lastUserId: 1 },
  { firstUserId: 5_000, lastUserId: 6_000 },
  { firstUserId: 9 + CHUNK, lastUserId: 9 + CHUNK + CHUNK },
  { firstUserId: 2, lastUserId: 2 + CHUNK - 2 },
  { firstUserId: USERS + 1, lastUserId: USERS + DORMANT_USERS },
];

/** Lets so many writes pass, then fails like a process that is killed: nothing after it is sent, no transaction commits. */
class Killed extends Error {}
const MORTAL = new Set(["insertOne", "insertMany", "updateOne", "updateWhere", "execute", "executeBatch"]);
const mortal = (session: OrmSession, life: { left: number }): OrmSession =>
  watchedSession(session, (operation, _args, call) => {
    if (!MORTAL.has(operation)) return call();
    if (life.left === 0) return Promise.reject(new Killed("killed"));
    life.left -= 1;
    return call();
  });

/** The statements of each code, a line for each, a column for each key. */
function tableOf(counted: ReadonlyMap<string, ReadonlyMap<string, number>>): string {
  const ids = keys.map(({ value }) => value.id);
  const line = (name: string, cells: readonly (string | number)[]): string =>
    [name.padEnd(32), ...cells.map((cell) => String(cell).padStart(8))].join(" ");
  const lines = [...counted].map(([name, byKey]) =>
    line(
      name,
      ids.map((id) => byKey.get(id) ?? "-"),
    ),
  );
  return `${[line("statements", ids), ...lines].join("\n")}\n`;
}

/** What `begin` and `end` write. Who comes no further by the session's operations writes by the library itself. */
const FRAME_WRITES = 2;

describe("every strategy, on every ORM that can, with every key", () => {
  let job: TestJob;
  beforeAll(async () => {
    for (const { orm } of codes) await orm.prepare?.();
    job = await openTestJob("strategies", { users: USERS, orders: 800, dormantUsers: DORMANT_USERS, dataSeed: 3 });
  });
  afterAll(() => job[Symbol.asyncDispose]());

  const counted = new Map<string, Map<string, number>>(codes.map(({ name }) => [name, new Map()]));

  it.each(cells)(
    "writes exactly the expected rows in chunks that do not divide the users, and nothing when run again: $name",
    async ({ code, orm, key, codeName }) => {
      await job.reset();
      await using session = await job.connect(orm, key.storage, { poolConnections: 1 });
      // what a driver says on a new connection is none of the code's statements
      await session.query("SELECT 1", []);
      const run = () => code.run(job.context(session, key, { orm, chunkUsers: CHUNK }));
      counted.get(codeName)?.set(key.id, await statementsOf(job, run));
      expect(await job.verify(key)).toEqual({ verified: true });
      await code.run(job.context(session, key, { orm, chunkUsers: CHUNK }));
      expect(await job.verify(key)).toEqual({ verified: true });
    },
  );

  /** `vitest run -u` writes them for a new strategy or ORM. */
  it("takes as many statements for that as are pinned, for each code and key", async () => {
    await expect(tableOf(counted)).toMatchFileSnapshot("./statements.txt");
  });

  it.each(cells)(
    "renews the users of its partition and nobody else, from no user to one more than a chunk: $name",
    async ({ code, orm, key }) => {
      await job.reset();
      await using session = await job.connect(orm, key.storage);
      const done: Partition[] = [];
      for (const partition of ODD_SHARES) {
        const reported: number[] = [];
        await code.run(
          job.context(session, key, { orm, partition, chunkUsers: CHUNK, finished: (through) => reported.push(through) }),
        );
        done.push(partition);
        const { firstUserId, lastUserId } = partition;
        expect(await job.verify(key, { done }), `users ${firstUserId} to ${lastUserId}`).toEqual({ verified: true });
        for (const through of reported) {
          expect(through).toBeGreaterThanOrEqual(firstUserId);
          expect(through).toBeLessThanOrEqual(lastUserId);
        }
      }
    },
  );

  it.for(cellsPerStorage)(
    "completes what a killed run began, and doubles nothing: $name",
    async ({ code, orm, key, hasNativeVariant }, { skip }) => {
      // as a process of its own each time: nothing is left in memory of the one before
      const run = async (life: { left: number }): Promise<void> => {
        await using session = await job.connect(orm, key.storage);
        await code.run(job.context(mortal(session, life), key, { orm }));
      };
      const immortal = { left: Number.MAX_SAFE_INTEGER };
      await job.reset();
      await run(immortal);
      const writes = Number.MAX_SAFE_INTEGER - immortal.left;
      skip(hasNativeVariant && writes <= FRAME_WRITES, "writes past the session's operations: see killed-process.test.ts");
      expect(writes).toBeGreaterThan(FRAME_WRITES);

      // somewhere that differs from run to run, up to the last write but one
      const left = 1 + Math.floor(Math.random() * (writes - 2));
      await job.reset();
      await expect(run({ left }), `killed after ${left} of ${writes} writes`).rejects.toThrow(Killed);
      await run({ left: Number.MAX_SAFE_INTEGER });
      expect(await job.verify(key), `killed after ${left} of ${writes} writes`).toEqual({ verified: true });
    },
  );
});
