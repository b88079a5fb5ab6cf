/** The contract of all libraries. Each file in this folder tests one subject in all of them. */
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { v7 } from "uuid";
import { afterAll, beforeAll, beforeEach, describe } from "vitest";
import { listPlugIns } from "../../harness/registry.ts";
import { openWholePool } from "../../harness/worker/whole-pool.ts";
import type { Orm, OrmSession } from "../../orms/orm.ts";
import { KEY_STORAGES, type ClientKey, type CouponIssueRow, type GradeLogRow, type KeyStorage } from "../../workload/tables.ts";
import { openTestJob, POOL_CONNECTIONS, type TestJob } from "../support/job.ts";

const EXAMPLES = new URL("../../examples/own-plugins/", import.meta.url);
const examples = readdirSync(EXAMPLES)
  .filter((name) => name.endsWith(".ts"))
  .map((name) => fileURLToPath(new URL(name, EXAMPLES)))
  .filter((path) => readFileSync(path, "utf8").includes("export const orm"));

const fromPaths = (paths: readonly string[]): Promise<Orm[]> =>
  Promise.all(paths.map(async (path) => ((await import(pathToFileURL(resolve(path)).href)) as { orm: Orm }).orm));

/** Comma-separated paths of a user's libraries. If set, the contract runs only for these. */
const given = process.env["CONTRACT_ORMS"];
const orms =
  given === undefined
    ? [...(await listPlugIns("orm")).map(({ value }) => value), ...(await fromPaths(examples))]
    : await fromPaths(given.split(","));

export const USERS = 40;
const DATA = { users: USERS, orders: 1_500, dormantUsers: 0, dataSeed: 5 };

export interface Opened {
  readonly job: TestJob;
  /** the session with this storage of the keys of the growing tables */
  readonly sessionOf: (storage: KeyStorage) => OrmSession;
  /** the session with server-generated keys, for tests that are equal in both storages */
  readonly session: OrmSession;
}

/**
 * Runs the tests of one subject in every library, each with restored output tables.
 * @param storages of the keys that the tests use
 * @param tests declares the tests for one library; `opened` returns its objects while a test runs
 */
export function contract(thing: string, storages: readonly KeyStorage[], tests: (orm: Orm, opened: () => Opened) => void): void {
  describe(thing, () => {
    let job: TestJob;
    beforeAll(async () => {
      job = await openTestJob(`orms_${thing}`, DATA);
    });
    afterAll(() => job[Symbol.asyncDispose]());

    describe.each(orms)("of the ORM $id", (orm: Orm) => {
      const sessions = new Map<KeyStorage, OrmSession>();
      const sessionOf = (storage: KeyStorage): OrmSession => {
        const session = sessions.get(storage);
        if (session === undefined) throw new Error(`no session with the storage ${storage}`);
        return session;
      };
      beforeAll(async () => {
        await orm.prepare?.();
        for (const storage of storages) sessions.set(storage, await job.connect(orm, storage));
        // A connection sends statements when it opens. The pool of mariadb opened its second one during the counted insertMany, and the
        // count was 3 in place of 1.
        for (const session of sessions.values()) await openWholePool(session, POOL_CONNECTIONS);
      });
      afterAll(async () => {
        for (const session of sessions.values()) await session[Symbol.asyncDispose]();
      });
      beforeEach(() => job.reset());
      tests(orm, () => ({ job, sessionOf, session: sessionOf("identity") }));
    });
  });
}

export const STORAGES = KEY_STORAGES;

export const changedAt = new Date("2026-01-01T12:34:56.789Z");
/** `changedAt` as SQL text. */
export const CHANGED_AT = "2026-01-01 12:34:56.789";

export const log = (userId: number): GradeLogRow => ({
  runId: 9,
  userId,
  previousGrade: "SILVER",
  newGrade: "VIP",
  changedAt,
});
export const issue = (userId: number, sequence: number): CouponIssueRow => ({
  runId: 9,
  userId,
  couponId: 101,
  sequence,
  grade: "VIP",
  issuedAt: changedAt,
});
/** `count` rows with different unique keys. */
export const issues = (count: number): CouponIssueRow[] =>
  Array.from({ length: count }, (_, index) => issue(1 + Math.floor(index / 128), index % 128));

export const newKey = (): Uint8Array<ArrayBuffer> => v7(undefined, new Uint8Array(16));
/** undefined: the server generates the key */
export const newKeyOf = (storage: KeyStorage): ClientKey | undefined =>
  ({ identity: () => undefined, bin16: newKey, char36: () => v7() })[storage]();
/** The row in the form of an insert: with a new key if the client generates it. */
export const keyed = <Row extends object>(
  storage: KeyStorage,
  row: Row,
  id: ClientKey | undefined = newKeyOf(storage),
): Row & { id?: ClientKey } => (id === undefined ? row : { id, ...row });

export const hexOf = (bytes: unknown): string =>
  Buffer.from(bytes as Uint8Array)
    .toString("hex")
    .toUpperCase();

/** The error of a rejected promise; undefined if it resolved. */
export const failureOf = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );

/** A barrier: the first `parties` callers wait for each other, and later callers pass. */
export function meetingOf(parties: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let come = 0;
  return async () => {
    come += 1;
    if (come >= parties) resolve();
    await promise;
  };
}
