import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listPlugIns } from "../../harness/registry.ts";
import type { OrmSession } from "../../orms/orm.ts";
import type { KeyScheme } from "../../strategies/keys/key.ts";
import type { Partition, Strategy } from "../../strategies/strategy.ts";
import { openTestJob, type TestJob } from "../support/job.ts";
import { statementsOf } from "../support/statements.ts";
import { watchedSession } from "../support/watched-session.ts";
import { isFull, variants } from "../support/full.ts";
import { firstOfFrame, inTurn, listCodes, oneOrmEach } from "./cells.ts";
import { pinnedStatements, textOf, type Counts } from "./pinned-statements.ts";

const [codes, keys] = await Promise.all([listCodes(), listPlugIns("key")]);
const cells = codes.flatMap((code) =>
  keys
    .filter(({ value: key }) => canInsert(code.strategy, key))
    .map(({ value: key }) => ({ ...code, key, codeName: code.name, name: `${code.name} with ${key.id}` })),
);

/** A strategy that inserts inside the server needs keys that the server can generate. */
function canInsert({ requires }: Strategy, key: KeyScheme): boolean {
  return !requires.includes("server-side") || key.next === undefined || key.sqlExpression !== undefined;
}

/** Sizes and reruns depend on the storage of a key and not on its generation, so one key of each storage is enough. */
const oneKeyPerStorage = new Set([...Map.groupBy(keys, ({ value }) => value.storage).values()].map(([first]) => first?.value.id));
const cellsPerStorage = cells.filter(({ key }) => oneKeyPerStorage.has(key.id));
const codeNames = codes.map(({ name }) => name);
/** Each code with one key, in turn. */
const oneKeyEach = (among: typeof cells) => {
  const byCode = Map.groupBy(among, ({ codeName }) => codeName);
  return ({ codeName, key }: (typeof cells)[number]): boolean => {
    const able = byCode.get(codeName) ?? [];
    return able[codeNames.indexOf(codeName) % able.length]?.key === key;
  };
};
/** Hand-written SQL that differs only in its text runs on one ORM in turn, because its frame is the same on all of them. */
const isRepresentative = oneOrmEach(codes);
const isCovering = oneKeyEach(cellsPerStorage);
/** Partitions and reruns are the code of the technique, whatever the library does. */
const isInTurn = inTurn(codes);
const frames = await firstOfFrame(codes.filter(isInTurn));
const covering = variants(cellsPerStorage, (cell) => frames.has(cell.codeName) && isCovering(cell));

const pinned = await pinnedStatements();
const isOfKeyInTurn = oneKeyEach(cells);
/** Of a library, these use only operations that `naive` and `chunked` use too. */
const combinesOthers = ({ strategy }: (typeof cells)[number]): boolean =>
  strategy.roundTrips === "per-row" && strategy.usesChunks;
/** Row by row, a library sends what test/orms tries one by one: one library of each class shows that they fit together. */
const isRowByRow = ({ strategy }: (typeof cells)[number]): boolean => strategy.roundTrips === "per-row" && !strategy.usesChunks;
const oneOfClass = new Set([...Map.groupBy(codes, ({ orm }) => orm.class).values()].map((of) => of.at(-1)?.orm));
/**
 * Every code that uses operations of a library on many rows, each other technique on one ORM, and all cells without a pinned count. The
 * keys take turns: test/orms covers each storage of each library.
 */
const written = variants(
  cells,
  (cell) =>
    (isRepresentative(cell) &&
      isOfKeyInTurn(cell) &&
      (!combinesOthers(cell) || isInTurn(cell)) &&
      (!isRowByRow(cell) || oneOfClass.has(cell.orm))) ||
    pinned.get(cell.codeName)?.get(cell.key.id) === undefined,
).map((cell) => ({ ...cell, repeats: isFull || isInTurn(cell) }));

const USERS = 24;
const DORMANT_USERS = 2;
const CHUNK = 7;
/**
 * A full chunk, one user, no user, a chunk and one user, and a chunk less one user. Also only users without orders, and two
 * users among those of other partitions. The rows are compared after each group: the neighbours of its partitions are unchanged then.
 */
const ODD_PARTITIONS: readonly (readonly Partition[])[] = [
  [
    { firstUserId: 9, lastUserId: 9 + CHUNK - 1 },
    { firstUserId: 1, lastUserId: 1 },
    { firstUserId: 5_000, lastUserId: 6_000 },
  ],
  [
    { firstUserId: 9 + CHUNK, lastUserId: 9 + CHUNK + CHUNK },
    { firstUserId: 2, lastUserId: 2 + CHUNK - 2 },
    { firstUserId: USERS + 1, lastUserId: USERS + DORMANT_USERS },
  ],
  // users 8 and 24, as a worker that has the users of one remainder
  [{ firstUserId: 8, lastUserId: USERS, every: USERS - 8 }],
];

/** Allows `left` writes, and then fails like a killed process: no later statement is sent, and no transaction commits. */
class Killed extends Error {}
const MORTAL = new Set([
  "insertOne",
  "insertMany",
  "updateOne",
  "updateWhere",
  "execute",
  "executeBatch",
  "executeMany",
  "executePrepared",
  "loadData",
]);
const mortal = (session: OrmSession, life: { left: number }): OrmSession =>
  watchedSession(session, (operation, _args, call) => {
    if (!MORTAL.has(operation)) return call();
    if (life.left === 0) return Promise.reject(new Killed("killed"));
    life.left -= 1;
    return call();
  });

/** The writes of `begin` and `end`. Code with no other writes through the session writes directly through the library. */
const FRAME_WRITES = 2;

describe("every strategy with every ORM and key", () => {
  let job: TestJob;
  beforeAll(async () => {
    for (const { orm } of codes) await orm.prepare?.();
    job = await openTestJob("strategies", { users: USERS, orders: 800, dormantUsers: DORMANT_USERS, dataSeed: 3 });
  });
  afterAll(() => job[Symbol.asyncDispose]());

  const counted: Counts = new Map(codes.map(({ name }) => [name, new Map(isFull ? [] : pinned.get(name))]));

  const writes = async ({ strategy, code, orm, key, codeName, repeats }: (typeof written)[number]): Promise<void> => {
    await job.reset();
    await using session = await job.connect(orm, key.storage, { poolConnections: 1, uses: strategy.requires });
    // Statements of a driver on a new connection do not count as statements of the code.
    await session.query("SELECT 1", []);
    const run = () => code.run(job.context(session, key, { orm, chunkUsers: CHUNK }));
    counted.get(codeName)?.set(key.id, await statementsOf(job, run));
    expect(await job.verify(key, { steps: [job.users] })).toEqual({ verified: true });
    if (!repeats) return;
    await run();
    expect(await job.verify(key, { steps: [job.users] })).toEqual({ verified: true });
  };
  const repeated = written.filter(({ repeats }) => repeats);
  it.each(repeated)("writes exactly the expected rows in uneven chunks, and nothing in a second run: $name", writes);
  const once = written.filter(({ repeats }) => !repeats);
  it.runIf(once.length > 0).each(once)("writes exactly the expected rows in uneven chunks: $name", writes);

  /** `vitest run -u` writes the counts of a new strategy or ORM. */
  it("needs the number of statements in statements.txt for each code and key", async () => {
    const keyIds = keys.map(({ value }) => value.id);
    await expect(textOf(counted, keyIds)).toMatchFileSnapshot("./statements.txt");
  });

  it.each(isFull ? cells : covering)(
    "renews only the users of its partition, from no user to a chunk and one user: $name",
    async ({ strategy, code, orm, key }) => {
      await job.reset();
      await using session = await job.connect(orm, key.storage, { uses: strategy.requires });
      const done: Partition[] = [];
      for (const group of ODD_PARTITIONS) {
        for (const partition of group) {
          const reported: number[] = [];
          await code.run(
            job.context(session, key, { orm, partition, chunkUsers: CHUNK, finished: (through) => reported.push(through) }),
          );
          done.push(partition);
          for (const through of reported) {
            expect(through).toBeGreaterThanOrEqual(partition.firstUserId);
            expect(through).toBeLessThanOrEqual(partition.lastUserId);
          }
        }
        expect(await job.verify(key, { done }), JSON.stringify(group)).toEqual({ verified: true });
      }
    },
  );

  it.for(covering)(
    "completes a killed run, and writes nothing twice: $name",
    async ({ strategy, code, orm, key, hasNativeVariant }, { skip }) => {
      // Like a separate process each time: no state of the earlier run stays in memory.
      const run = async (life: { left: number }): Promise<void> => {
        await using session = await job.connect(orm, key.storage, { uses: strategy.requires });
        await code.run(job.context(mortal(session, life), key, { orm }));
      };
      const immortal = { left: Number.MAX_SAFE_INTEGER };
      await job.reset();
      await run(immortal);
      const writes = Number.MAX_SAFE_INTEGER - immortal.left;
      skip(
        hasNativeVariant && writes <= FRAME_WRITES,
        "the code writes without the session's operations: see killed-process.test.ts",
      );
      expect(writes).toBeGreaterThan(FRAME_WRITES);

      // A random position in each run, at most the last write but one.
      const left = 1 + Math.floor(Math.random() * (writes - 2));
      await job.reset();
      await expect(run({ left }), `killed after ${left} of ${writes} writes`).rejects.toThrow(Killed);
      await run({ left: Number.MAX_SAFE_INTEGER });
      expect(await job.verify(key), `killed after ${left} of ${writes} writes`).toEqual({ verified: true });
    },
  );
});
