import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { watchTransactions } from "../../harness/scenario/watch.ts";
import { connect, execute, select } from "../../lib/connection.ts";
import { listSessions } from "../../lib/sessions.ts";
import { openTestSchema } from "../support/database.ts";

const ROWS = 200;
const ER_CANNOT_CONVERT_STRING = 3854;

let schema: Awaited<ReturnType<typeof openTestSchema>>;
beforeAll(async () => {
  schema = await openTestSchema("watch", { create: true });
});
afterAll(() => schema[Symbol.asyncDispose]());

it("watchTransactions counts locked rows while a waiting statement with a binary key makes innodb_trx unreadable", async () => {
  const [holder, waiting, watcher] = [await connect(schema.target), await connect(schema.target), await connect(schema.target)];
  try {
    await execute(holder, "CREATE TABLE keyed (id INT PRIMARY KEY, token BINARY(16) NOT NULL)");
    const rows = Array.from({ length: ROWS }, (_, index) => `(${index + 1}, UUID_TO_BIN(UUID()))`).join(", ");
    await execute(holder, `INSERT INTO keyed VALUES ${rows}`);
    await execute(holder, "BEGIN");
    await select(holder, "SELECT id FROM keyed FOR UPDATE");
    const waits = waiting.execute("UPDATE keyed SET token = ? WHERE id = 1", [Buffer.alloc(16, 0xff)]);
    waits.catch(() => {});
    await vi.waitFor(
      () =>
        expect(select(watcher, "SELECT MAX(trx_rows_locked) AS most FROM information_schema.innodb_trx")).rejects.toMatchObject({
          errno: ER_CANNOT_CONVERT_STRING,
        }),
      // The server returns its earlier answer to a repeated query within 0.1 s.
      { timeout: 10_000, interval: 250 },
    );
    await using watch = watchTransactions(watcher);
    await vi.waitFor(() => expect(watch.seen().mostRowsLocked).toBeGreaterThanOrEqual(ROWS), 5_000);
    const sessions = (await listSessions(watcher)).filter(({ schema: db }) => db === schema.target.schema);
    expect(sessions).toHaveLength(3);
  } finally {
    for (const connection of [holder, waiting, watcher]) connection.destroy();
  }
});
