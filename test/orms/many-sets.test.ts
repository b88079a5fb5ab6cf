/** The operations that only some libraries offer: many statements in one packet, one prepared statement, LOAD DATA LOCAL. */
import { expect, it } from "vitest";
import { select, selectOne } from "../../lib/connection.ts";
import type { Capability, OrmSession, SqlValue } from "../../orms/orm.ts";
import type { TestJob } from "../support/job.ts";
import { messagesOf } from "../support/packets.ts";
import { untilCounted } from "../../harness/probes/statements.ts";
import { statementsOf } from "../support/statements.ts";
import { changedAt, contract, failureOf, hexOf, newKey } from "./contract.ts";

const COLUMNS = ["run_id", "user_id", "previous_grade", "new_grade", "changed_at"];
const INSERT = `INSERT INTO grade_logs_identity (${COLUMNS.join(", ")}) VALUES (?, ?, ?, ?, ?)`;
const row = (userId: number, grade = "VIP"): SqlValue[] => [9, userId, "SILVER", grade, changedAt];

type Send = (session: OrmSession, sets: readonly SqlValue[][]) => Promise<void> | undefined;
interface Operation {
  readonly capability: Capability;
  readonly send: Send;
  /** statements for three rows */
  readonly statements: number;
}
const OPERATIONS: readonly Operation[] = [
  { capability: "multi-statements", send: (session, sets) => session.executeMany?.(INSERT, sets), statements: 3 },
  { capability: "prepared-statements", send: (session, sets) => session.executePrepared?.(INSERT, sets), statements: 3 },
  {
    capability: "load-data",
    send: (session, sets) => session.loadData?.("grade_logs_identity", COLUMNS, sets),
    statements: 1,
  },
];

const usersIn = async (job: TestJob): Promise<number[]> =>
  (await select<{ user_id: number }>(job.admin, "SELECT user_id FROM grade_logs_identity ORDER BY user_id")).map(
    ({ user_id }) => user_id,
  );

async function preparedSoFar({ admin, target }: TestJob): Promise<number> {
  await untilCounted(admin, target.user);
  const { n } = await selectOne<{ n: string | null }>(
    admin,
    `SELECT SUM(COUNT_STAR) AS n FROM performance_schema.events_statements_summary_by_account_by_event_name
     WHERE USER = ? AND EVENT_NAME = 'statement/com/Prepare'`,
    [target.user],
  );
  return Number(n);
}

contract("many sets", ["identity"], (orm, opened) => {
  const offered = OPERATIONS.filter(({ capability }) => orm.capabilities.has(capability));
  const open = (capability: Capability): Promise<OrmSession> =>
    opened().job.connect(orm, "identity", { uses: [capability], poolConnections: 1 });

  it.runIf(offered.length > 0).each(offered)(
    "are written by the declared number of statements: $capability",
    async ({ capability, send, statements }) => {
      const { job } = opened();
      await using session = await open(capability);
      await session.query("SELECT 1", []);
      expect(
        await statementsOf(job, async () =>
          send(
            session,
            [1, 2, 3].map((id) => row(id)),
          ),
        ),
      ).toBe(statements);
      expect(await usersIn(job)).toEqual([1, 2, 3]);
      expect(await statementsOf(job, async () => send(session, []))).toBe(0);
    },
  );

  it.runIf(offered.length > 0).each(offered)(
    "fail for a duplicate within the sets, and the transaction writes none of them: $capability",
    async ({ capability, send }) => {
      const { job } = opened();
      await using session = await open(capability);
      const error = await failureOf(session.transaction(async (tx) => send(tx, [row(1), row(2), row(1), row(3)])));
      expect(messagesOf(error)).toMatch(/duplicate|unique constraint failed|stored 3 of 4 rows/i);
      expect(await usersIn(job)).toEqual([]);
      // the connection is usable
      await session.transaction(async (tx) => send(tx, [row(4)]));
      expect(await usersIn(job)).toEqual([4]);
    },
  );

  it.runIf(offered.length > 0).each(offered)(
    "fail for a value that does not fit its column: $capability",
    async ({ capability, send }) => {
      const { job } = opened();
      await using session = await open(capability);
      const error = await failureOf(session.transaction(async (tx) => send(tx, [row(1), row(2, "PLATINUM PLUS")])));
      expect(messagesOf(error)).toMatch(/too long|stored 2 of 2 rows, with 1 warning/i);
      expect(await usersIn(job)).toEqual([]);
    },
  );

  it.runIf(orm.capabilities.has("multi-statements"))("allow more statements than one packet holds", async () => {
    const { job } = opened();
    await using session = await open("multi-statements");
    const ids = Array.from({ length: 2_300 }, (_, index) => index + 1);
    await session.transaction(async (tx) =>
      tx.executeMany?.(
        INSERT,
        ids.map((id) => row(id)),
      ),
    );
    expect(await usersIn(job)).toEqual(ids);
  });

  it.runIf(orm.capabilities.has("multi-statements"))("are refused without the technique that requires them", async () => {
    const { job, session } = opened();
    expect(await failureOf(session.execute("DELETE FROM badges; DELETE FROM badges", []))).toBeInstanceOf(Error);
    expect(await select(job.admin, "SELECT 1 FROM badges LIMIT 1")).toHaveLength(1);
  });

  it.runIf(orm.capabilities.has("prepared-statements"))("prepare the statement once on a connection", async () => {
    const { job } = opened();
    await using session = await open("prepared-statements");
    const send = (from: number) =>
      session.transaction(async (tx) =>
        tx.executePrepared?.(
          INSERT,
          [0, 1, 2, 3].map((id) => row(from + id)),
        ),
      );
    await send(1);
    const before = await preparedSoFar(job);
    await send(5);
    expect(await preparedSoFar(job)).toBe(before);
    expect(await usersIn(job)).toHaveLength(8);
  });

  it.runIf(orm.capabilities.has("load-data"))("preserve every kind of value by LOAD DATA", async () => {
    await using session = await open("load-data");
    const words = ["회원 é 😀 'quoted' \"", "\\ \\N \t tab \n line \r\n \0 end", "", "\\N", "NULL"];
    const bytes = [newKey(), Uint8Array.from([0x00, 0xff, 0x27, 0x5c, 9, 10, 13, 26, 0, 0, 0, 0, 0, 0, 0, 0x4e])];
    const rows = words.map((text, index): SqlValue[] => [
      index + 1,
      -0.01 * index,
      text,
      changedAt,
      index % 2 === 0,
      bytes[index % 2] ?? null,
      index === 0 ? null : "no",
    ]);
    const columns = ["id", "amount", "words", "moment", "state", "bytes", "nothing"];
    const read = await session.transaction(async (tx) => {
      await tx.execute(
        `CREATE TEMPORARY TABLE kinds (id INT UNSIGNED NOT NULL PRIMARY KEY, amount DECIMAL(12,2) NOT NULL,
           words VARCHAR(64) CHARACTER SET utf8mb4 NOT NULL, moment DATETIME(6) NOT NULL, state TINYINT(1) NOT NULL,
           bytes BINARY(16) NOT NULL, nothing VARCHAR(8) NULL)`,
        [],
      );
      await tx.loadData?.("kinds", columns, rows);
      return tx.query(
        `SELECT CAST(amount AS CHAR) AS amount, HEX(words) AS words, CAST(moment AS CHAR) AS moment, CAST(state AS CHAR) AS state,
           HEX(bytes) AS bytes, nothing FROM kinds ORDER BY id`,
        [],
      );
    });
    expect(read).toEqual(
      words.map((text, index) => ({
        amount: (-0.01 * index).toFixed(2).replace("-0.00", "0.00"),
        words: hexOf(Buffer.from(text)),
        moment: "2026-01-01 12:34:56.789000",
        state: index % 2 === 0 ? "1" : "0",
        bytes: hexOf(bytes[index % 2]),
        nothing: index === 0 ? null : "no",
      })),
    );
  });
});
