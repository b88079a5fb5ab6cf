/** The status of a cluster, from rows that a test wrote itself. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { batchRunId } from "../../api/tables.ts";
import { statusText } from "../../harness/cluster/status-text.ts";
import { readTables, type ClusterStatus } from "../../harness/cluster/status.ts";
import { connect, execute, type Connection } from "../../lib/connection.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { openTestSchema } from "../support/database.ts";

const LEASE_MS = 10_000;
const TABLES = ["batches", "batch_targets", "batch_steps", "was_instance", "inbox", "grade_logs_identity"];
const FIRST = "00000000-0000-4000-8000-000000000001";
const SECOND = "00000000-0000-4000-8000-000000000002";
const THIRD = "00000000-0000-4000-8000-000000000003";

let schema: { readonly target: ConnectionTarget } & AsyncDisposable;
let connection: Connection;
beforeAll(async () => {
  schema = await openTestSchema("cluster_status", { create: true });
  connection = await connect(schema.target);
  const read = (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), "utf8");
  const sql = `${await read("api/schema.sql")}\n${await read("workload/schema.sql")}`;
  for (const table of TABLES) {
    const [create] = new RegExp(`^CREATE TABLE ${table} \\([^;]+`, "m").exec(sql) ?? [];
    await execute(connection, create ?? "");
  }
});
afterAll(async () => {
  await connection.end();
  await schema[Symbol.asyncDispose]();
});
beforeEach(async () => {
  for (const table of TABLES) await execute(connection, `TRUNCATE TABLE ${table}`);
});

const addMember = (id: string, port: number, ageSeconds: number): Promise<unknown> =>
  execute(
    connection,
    `INSERT INTO was_instance (id, address, seen_batch, booted_at, beat_at) VALUES
       (UUID_TO_BIN('${id}'), 'http://127.0.0.1:${port}', 0, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) - INTERVAL ${ageSeconds} SECOND)`,
  );
const addBatch = (id: number, date: string, status: string): Promise<unknown> =>
  execute(
    connection,
    `INSERT INTO batches (id, target_date, style, status, chunk_users, pause_ms, started_at, cut_off_at)
     VALUES (${id}, '${date}', 'chunked', '${status}', 500, 0, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))`,
  );
async function addRound(batchId: number, member: string, users: readonly number[]): Promise<void> {
  await execute(
    connection,
    `INSERT INTO batch_steps (batch_id, attempt, member, user_ids, started_at, finished_at)
     VALUES (${batchId}, 1, UUID_TO_BIN('${member}'), '${JSON.stringify(users)}', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))`,
  );
  for (const user of users)
    await execute(
      connection,
      `INSERT INTO grade_logs_identity (run_id, user_id, previous_grade, new_grade, changed_at)
       VALUES (${batchRunId(batchId)}, ${user}, 'BRONZE', 'SILVER', UTC_TIMESTAMP(6))`,
    );
}
async function addTargets(batchId: number, users: readonly number[]): Promise<void> {
  for (const user of users) await execute(connection, `INSERT INTO batch_targets VALUES (${batchId}, ${user})`);
}

describe("the tables' part of the status", () => {
  it("is empty before the first batch and the first member", async () => {
    expect(await readTables(schema.target, LEASE_MS)).toEqual({ members: [], batch: null, inboxDepth: 0 });
  });

  it("ranks the live members by id, and shows a silent one without an index", async () => {
    await addMember(THIRD, 3, 1);
    await addMember(SECOND, 2, 60);
    await addMember(FIRST, 1, 0);
    const { members } = await readTables(schema.target, LEASE_MS);
    expect(members.map(({ id, index, address }) => ({ id, index, address }))).toEqual([
      { id: FIRST, index: 0, address: "http://127.0.0.1:1" },
      { id: SECOND, index: null, address: "http://127.0.0.1:2" },
      { id: THIRD, index: 1, address: "http://127.0.0.1:3" },
    ]);
    const [first = 0, second = 0, third = 0] = members.map(({ heartbeatAgeMs }) => heartbeatAgeMs);
    expect(second - third).toBeGreaterThan(58_000);
    expect(third).toBeGreaterThanOrEqual(1_000);
    expect(first).toBeLessThan(third);
  });

  it("counts rounds and users of each member in the running batch, and the undone users", async () => {
    await addMember(FIRST, 1, 0);
    await addMember(SECOND, 2, 0);
    await addBatch(1, "2026-02-01", "running");
    await addBatch(2, "2026-01-01", "finished");
    await addTargets(1, [1, 2, 3, 4, 5, 6]);
    await addTargets(2, [1, 2]);
    await addRound(1, FIRST, [1, 2]);
    await addRound(1, FIRST, [3]);
    await addRound(1, SECOND, [5, 6]);
    await addRound(2, SECOND, [1, 2]);
    const { members, batch } = await readTables(schema.target, LEASE_MS);
    expect(batch).toEqual({
      id: 1,
      targetDate: "2026-02-01",
      style: "chunked",
      status: "running",
      targets: 6,
      done: 5,
      undone: 1,
    });
    expect(members.map(({ rounds, usersDone }) => [rounds, usersDone])).toEqual([
      [2, 3],
      [1, 2],
    ]);
  });

  it("shows the last batch when none runs, and counts only waiting writes", async () => {
    await addBatch(1, "2026-01-01", "finished");
    await addBatch(2, "2026-02-01", "failed");
    for (const [index, status] of ["pending", "applied", "pending", "refused"].entries())
      await execute(
        connection,
        `INSERT INTO inbox (request_id, user_id, kind, body, body_hash, status, accepted_at)
         VALUES (UUID_TO_BIN(UUID()), ${index}, 'order', '{}', REPEAT('x', 32), '${status}', UTC_TIMESTAMP(6))`,
      );
    const { batch, inboxDepth } = await readTables(schema.target, LEASE_MS);
    expect(batch).toMatchObject({ id: 2, status: "failed", targets: 0, undone: 0 });
    expect(inboxDepth).toBe(2);
  });
});

describe("the status for the terminal", () => {
  const member = { id: FIRST, address: "http://127.0.0.1:41", heartbeatAgeMs: 1_234, index: 0, rounds: 3, usersDone: 1_500 };
  const status: ClusterStatus = {
    name: "default",
    url: "http://127.0.0.1:3000",
    instances: [
      {
        number: 1,
        pid: 4711,
        address: "127.0.0.1:41",
        state: "running",
        ready: true,
        flagsRaised: 500,
        requestsInFlight: 2,
        member,
      },
      {
        number: 2,
        pid: 4712,
        address: "127.0.0.1:42",
        state: "dead",
        ready: null,
        flagsRaised: null,
        requestsInFlight: null,
        member: null,
      },
    ],
    otherMembers: [{ ...member, id: SECOND, address: "http://10.0.0.7:3000", index: null }],
    batch: { id: 1, targetDate: "2026-01-01", style: "chunked", status: "running", targets: 30_000, done: 1_500, undone: 28_500 },
    inboxDepth: 12,
  };

  it("shows a row per instance and per other member, with a dash for each unknown value", () => {
    expect(statusText(status, false)).toBe(
      [
        "cluster    default at http://127.0.0.1:3000",
        "batch      1 of 2026-01-01 (chunked): running, 1,500 of 30,000 users done, 28,500 undone",
        "inbox      12 writes wait",
        "",
        "instance  state    ready   pid  address        heartbeat  index  rounds  users  flags  in flight",
        "1         running  yes    4711  127.0.0.1:41       1.2 s      0       3  1,500    500          2",
        "2         dead     -      4712  127.0.0.1:42           -      -       -      -      -          -",
        "-         -        -         -  10.0.0.7:3000      1.2 s      -       3  1,500      -          -",
      ].join("\n"),
    );
  });

  it("says that no batch ran yet", () => {
    expect(statusText({ ...status, batch: null }, false)).toContain("batch      none yet");
  });
});
