/** The effect log sees every effect, and its rules find each kind of wrong one. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readEffects, type Effect } from "../../harness/chaos/effect-log.ts";
import { listTrialRules, type Expected, type Observed } from "../../harness/chaos/rule.ts";
import { createServiceAccount, findServiceAccounts, prepareSchema, resetTrial } from "../../harness/chaos/schema.ts";
import { connect, execute } from "../../lib/connection.ts";
import { openTestService, type TestService } from "../api/service.ts";

const EXPECTED: Expected = { runId: 7, users: [1, 2], coupons: [{ userId: 1, couponId: 3, sequence: 1 }] };
const effect = (source: string, changes: Partial<Effect> = {}): Effect => ({
  source,
  runId: 7,
  userId: 1,
  item: null,
  connectionId: 5,
  happenedAt: "2026-11-29 12:00:00.000000",
  ...changes,
});
const RIGHT: readonly Effect[] = [
  effect("grade"),
  effect("grade", { userId: 2 }),
  effect("coupon", { item: "3 1" }),
  effect("user", { item: "VIP 2026-01-01 00:00:00" }),
  effect("badge", { item: "1 1 2026-01-01 00:00:00" }),
  effect("write", { item: "AA", runId: 6 }),
  effect("cut-off", { happenedAt: "2026-11-29 12:00:01.000000" }),
  effect("write", { item: "BB", happenedAt: "2026-11-29 12:00:02.000000" }),
  effect("drained", { item: "BB" }),
  effect("redeemed", { item: "BB 3 1", runId: 1 }),
  effect("redeemed", { item: "CC 3 2", runId: 1 }),
  effect("status", { item: "running finished" }),
];

const OBSERVED: Observed = {
  batch: { id: 7, runId: 7, status: "finished", isFinished: true, requestedAtMs: 0, cutOffSeenAtMs: null },
  recoveryMs: 500,
  sent: [],
  left: [],
};
const rules = await listTrialRules();
const violated = (effects: readonly Effect[]): string[] =>
  rules
    .filter(({ violations }) => violations({ ...OBSERVED, effects, expected: EXPECTED }).length > 0)
    .map(({ id }) => id)
    .toSorted();

describe("the rules on the effect log", () => {
  it("accept what the oracle lists", () => {
    expect(violated(RIGHT)).toEqual([]);
  });

  it.each([
    { what: "a user graded twice in a run", more: effect("grade"), id: "effect-grade-once" },
    { what: "a user graded in another run", more: effect("grade", { runId: 6 }), id: "effect-grade-all" },
    { what: "a user that is no target", more: effect("grade", { userId: 9 }), id: "effect-grade-all" },
    { what: "a coupon issued again by another run", more: effect("coupon", { runId: 6, item: "3 1" }), id: "effect-coupon-once" },
    { what: "a coupon that nobody earned", more: effect("coupon", { userId: 2, item: "3 1" }), id: "effect-coupon-all" },
    {
      what: "a user whose row a run changed twice",
      more: effect("user", { item: "VIP 2026-01-01 00:00:00" }),
      id: "effect-user-once",
    },
    {
      what: "a user whose row a run changed twice, with another grade",
      more: effect("user", { item: "GOLD 2026-01-01 00:00:00" }),
      id: "effect-user-once",
    },
    {
      what: "a badge that a run changed twice, with another value",
      more: effect("badge", { item: "1 0 2026-01-01 00:00:00" }),
      id: "effect-user-once",
    },
    {
      what: "a badge that a run changed twice",
      more: effect("badge", { item: "1 1 2026-01-01 00:00:00" }),
      id: "effect-user-once",
    },
    { what: "a key that took effect twice", more: effect("write", { item: "AA", runId: 6 }), id: "effect-write-once" },
    { what: "a stored write that left the inbox twice", more: effect("drained", { item: "BB" }), id: "effect-write-once" },
    { what: "a key that redeemed two coupons", more: effect("redeemed", { item: "BB 3 4", runId: 1 }), id: "effect-redeem-once" },
    { what: "a coupon redeemed by two keys", more: effect("redeemed", { item: "DD 3 1", runId: 1 }), id: "effect-redeem-once" },
    {
      what: "a write that precedes the cut-off and follows it",
      more: effect("write", { item: "CC", runId: 6, happenedAt: "2026-11-29 12:00:02.000000" }),
      id: "effect-cut-off",
    },
    { what: "a run that continued after its end", more: effect("status", { item: "finished running" }), id: "effect-end" },
  ])("find $what", ({ more, id }) => {
    expect(violated([...RIGHT, more])).toEqual([id]);
  });

  it("accept two manual changes of a badge that have the time of the run", () => {
    const changes = ["1 0 2026-01-01 00:00:00", "1 0 2026-01-01 00:00:00"].map((item) =>
      effect("badge", { item, connectionId: 6 }),
    );
    expect(violated([...RIGHT, ...changes])).toEqual([]);
  });

  it.each([
    { what: "a missing user", effects: RIGHT.slice(1), id: "effect-grade-all" },
    { what: "a missing coupon", effects: RIGHT.filter(({ source }) => source !== "coupon"), id: "effect-coupon-all" },
  ])("find $what", ({ effects, id }) => {
    expect(violated(effects)).toEqual([id]);
  });
});

describe("the effect log", () => {
  let service: TestService;
  beforeAll(async () => {
    service = await openTestService("chaos_effects");
    await prepareSchema(service.admin);
  });
  afterAll(() => service[Symbol.asyncDispose]());

  const grade = (userId: number): Promise<unknown> =>
    execute(
      service.admin,
      "INSERT INTO grade_logs_identity (run_id, user_id, previous_grade, new_grade, changed_at) VALUES (7, ?, 'BASIC', 'VIP', '2026-01-01')",
      [userId],
    );
  const redeem = (key: string): Promise<unknown> =>
    execute(
      service.admin,
      "INSERT INTO coupon_redemptions (run_id, user_id, coupon_id, sequence, token, redeemed_at) VALUES (1, 10, 3, 2, UUID_TO_BIN(?), '2026-01-01')",
      [key],
    );
  const issue = (): Promise<unknown> =>
    execute(
      service.admin,
      "INSERT INTO coupon_issues_identity (run_id, user_id, coupon_id, sequence, grade, issued_at) VALUES (7, 1, 3, 1, 'VIP', '2026-01-01')",
    );

  it("contains both rows of a grade and of a coupon that are written twice", async () => {
    await resetTrial(service.admin);
    for (const userId of [1, 2, 2]) await grade(userId);
    await issue();
    await issue();
    expect(violated(await readEffects(service.admin))).toEqual(["effect-coupon-once", "effect-grade-once"]);
  });

  it("contains both rows of a coupon that one key redeems twice", async () => {
    await resetTrial(service.admin);
    const key = "00000000-0000-4000-8000-000000000001";
    await redeem(key);
    await redeem(key);
    const effects = await readEffects(service.admin);
    expect(effects).toMatchObject(["redeemed", "redeemed"].map((source) => ({ source, runId: 1, userId: 10 })));
    expect(rules.find(({ id }) => id === "effect-redeem-once")?.violations({ ...OBSERVED, effects, expected: EXPECTED })).toEqual(
      [`key ${key.replaceAll("-", "")} redeemed 2 coupons`, "coupon 3 2 of user 10 from run 1 was redeemed 2 times"],
    );
  });

  it("contains both changes of a user and of a badge that a round makes twice with the same values", async () => {
    await resetTrial(service.admin);
    const user = "UPDATE users SET grade = 'VIP', grade_changed_at = '2026-01-01' WHERE id = 1";
    const badge = `INSERT INTO badges (user_id, category_id, active, changed_at) VALUES (1, 1, 1, '2026-01-01') AS new
       ON DUPLICATE KEY UPDATE active = new.active, changed_at = new.changed_at`;
    await grade(1);
    for (const sql of [user, badge]) await execute(service.admin, sql);
    expect(violated(await readEffects(service.admin))).not.toContain("effect-user-once");
    for (const sql of [user, badge]) await execute(service.admin, sql);
    const effects = await readEffects(service.admin);
    expect(rules.find(({ id }) => id === "effect-user-once")?.violations({ ...OBSERVED, effects, expected: EXPECTED })).toEqual([
      "user 1 was written 2 times",
      "badge 1 of user 1 was written 2 times",
    ]);
  });

  it("contains changes of users, badges, batches and of the cut-off, and not of other columns of a batch", async () => {
    await resetTrial(service.admin);
    await execute(service.admin, "UPDATE users SET grade = 'VIP', grade_changed_at = '2026-01-01' WHERE id = 1");
    await execute(
      service.admin,
      `INSERT INTO badges (user_id, category_id, active, changed_at) VALUES (1, 1, 1, '2026-01-01') AS new
       ON DUPLICATE KEY UPDATE active = new.active, changed_at = new.changed_at`,
    );
    await execute(
      service.admin,
      `INSERT INTO batches (id, target_date, style, status, chunk_users, pause_ms, started_at, cut_off_at)
       VALUES (7, '2026-01-01', 'chunked', 'running', 1, 0, NOW(6), NOW(6))`,
    );
    await execute(service.admin, "UPDATE batches SET targets = 5 WHERE id = 7");
    await execute(service.admin, "UPDATE batches SET status = 'finished' WHERE id = 7");
    await execute(service.admin, "UPDATE batch_cutoff SET batch_id = 7");
    expect((await readEffects(service.admin)).map(({ source, item }) => `${source} ${item}`)).toEqual([
      "user VIP 2026-01-01 00:00:00.000000",
      "badge 1 1 2026-01-01 00:00:00.000000",
      "status running finished",
      "cut-off null",
    ]);
  });

  it("contains no row of a transaction that was rolled back", async () => {
    await resetTrial(service.admin);
    await execute(service.admin, "START TRANSACTION");
    await grade(1);
    await execute(service.admin, "ROLLBACK");
    expect(await readEffects(service.admin)).toEqual([]);
  });

  it("keeps a row that the service deletes", async () => {
    await resetTrial(service.admin);
    await grade(1);
    await execute(service.admin, "DELETE FROM grade_logs_identity");
    expect(await readEffects(service.admin)).toMatchObject([{ source: "grade", runId: 7, userId: 1, item: "VIP" }]);
  });

  it("cannot be read or changed by the account of the service", async () => {
    await using account = await createServiceAccount((work) => work(service.admin), service.target.schema);
    const { user, password } = account;
    const connection = await connect({ ...service.target, user, password });
    try {
      await execute(connection, "DELETE FROM batch_flags");
      await expect(execute(connection, "SELECT * FROM _chaos_effects")).rejects.toThrow(/denied/);
      await expect(execute(connection, "DELETE FROM _chaos_effects")).rejects.toThrow(/denied/);
    } finally {
      connection.destroy();
    }
  });

  it("has no account of the service left after the trials", async () => {
    const { schema } = service.target;
    {
      await using _account = await createServiceAccount((work) => work(service.admin), schema);
      expect(await findServiceAccounts(service.admin, schema)).toEqual([expect.stringMatching(/^bench_chaos_\w{12}@%$/)]);
    }
    expect(await findServiceAccounts(service.admin, schema)).toEqual([]);
  });

  it("leaves no account on a server whose administrator may not grant", async () => {
    const { schema } = service.target;
    const [user, password] = ["bench_half_admin", "aA1-half-admin"];
    await execute(service.admin, `CREATE USER '${user}' IDENTIFIED BY '${password}'`);
    try {
      await execute(service.admin, `GRANT CREATE USER ON *.* TO '${user}'`);
      await execute(service.admin, `GRANT SELECT, INSERT, UPDATE, DELETE ON \`${schema}\`.* TO '${user}'`);
      const half = await connect({ ...service.target, user, password });
      await expect(createServiceAccount((work) => work(half), schema)).rejects.toThrow(/denied/i);
      half.destroy();
      expect(await findServiceAccounts(service.admin, schema)).toEqual([]);
    } finally {
      await execute(service.admin, `DROP USER '${user}'`);
    }
  });

  it("makes the trials fail when an account of them stays", async () => {
    const { schema } = service.target;
    const account = await createServiceAccount((work) => work(service.admin), schema);
    const second = `${account.user}'@'localhost`;
    await execute(service.admin, `CREATE USER '${second}'`);
    try {
      await expect(account[Symbol.asyncDispose]()).rejects.toThrow(`left the account ${account.user}@localhost`);
    } finally {
      await execute(service.admin, `DROP USER '${second}'`);
    }
  });
});
