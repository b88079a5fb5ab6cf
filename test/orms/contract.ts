/** What every library is held to: the files of this folder, each about one thing, on all of them. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe } from "vitest";
import { findPlugIn, listPlugIns } from "../../harness/registry.ts";
import type { Orm, OrmSession } from "../../orms/orm.ts";
import { key as uuidv7 } from "../../strategies/keys/uuidv7.ts";
import type { CouponIssueRow, GradeLogRow, KeyStorage } from "../../workload/tables.ts";
import { openTestJob, type TestJob } from "../support/job.ts";

const EXAMPLES = new URL("../../examples/own-plugins/", import.meta.url);
const examples = readdirSync(EXAMPLES)
  .filter((name) => name.endsWith(".ts"))
  .map((name) => fileURLToPath(new URL(name, EXAMPLES)))
  .filter((path) => readFileSync(path, "utf8").includes("export const orm"));

const fromPaths = (paths: readonly string[]): Promise<Orm[]> =>
  Promise.all(paths.map(async (path) => (await findPlugIn("orm", path)).value));

/** Paths of users' own libraries, with commas between them: they alone are held to it then. */
const given = process.env["CONTRACT_ORMS"];
const orms =
  given === undefined
    ? [...(await listPlugIns("orm")).map(({ value }) => value), ...(await fromPaths(examples))]
    : await fromPaths(given.split(","));

export const USERS = 40;
const DATA = { users: USERS, orders: 1_500, dormantUsers: 0, dataSeed: 5 };

export interface Opened {
  readonly job: TestJob;
  /** by storage of the growing tables' keys */
  readonly sessions: Readonly<Record<KeyStorage, OrmSession>>;
  /** the one where the server numbers the rows, for what is the same in both */
  readonly session: OrmSession;
}

/**
 * Tests of one thing on every library, each on fresh output tables.
 * @param tests declares them for one library; what it is given by `opened` is there when a test runs
 */
export function contract(thing: string, tests: (orm: Orm, opened: () => Opened) => void): void {
  describe(thing, () => {
    let job: TestJob;
    beforeAll(async () => {
      job = await openTestJob(`orms_${thing}`, DATA);
    });
    afterAll(() => job[Symbol.asyncDispose]());

    describe.each(orms)("of the ORM $id", (orm: Orm) => {
      let sessions: Record<KeyStorage, OrmSession>;
      beforeAll(async () => {
        await orm.prepare?.();
        sessions = { identity: await job.connect(orm, "identity"), bin16: await job.connect(orm, "bin16") };
      });
      afterAll(async () => {
        for (const session of Object.values(sessions)) await session[Symbol.asyncDispose]();
      });
      beforeEach(() => job.reset());
      tests(orm, () => ({ job, sessions, session: sessions.identity }));
    });
  });
}

export const STORAGES = ["identity", "bin16"] as const satisfies readonly KeyStorage[];

export const changedAt = new Date("2026-01-01T12:34:56.789Z");
/** As SQL says it. */
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
/** So many rows, different in their unique key. */
export const issues = (count: number): CouponIssueRow[] =>
  Array.from({ length: count }, (_, index) => issue(1 + Math.floor(index / 128), index % 128));

export const newKey = (): Uint8Array<ArrayBuffer> => uuidv7.next?.() ?? new Uint8Array(16);
/** The row as it is inserted: with a key of its own where the client makes it. */
export const keyed = <Row extends object>(storage: KeyStorage, row: Row): Row & { id?: Uint8Array<ArrayBuffer> } =>
  storage === "identity" ? row : { id: newKey(), ...row };

export const hexOf = (bytes: unknown): string =>
  Buffer.from(bytes as Uint8Array)
    .toString("hex")
    .toUpperCase();

/** What a promise failed with; undefined if it didn't. */
export const failureOf = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );

/** Everybody waits until so many have come; who comes later passes. */
export function meetingOf(parties: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let come = 0;
  return async () => {
    come += 1;
    if (come >= parties) resolve();
    await promise;
  };
}
