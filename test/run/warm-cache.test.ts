import { expect, it } from "vitest";
import { ensureDataset } from "../../fixtures/index.ts";
import { readPoolReads } from "../../harness/probes/buffer-pool.ts";
import { warmCache } from "../../harness/server-state/warm-cache.ts";
import { connect, execute, type Connection } from "../../lib/connection.ts";
import { silentLog } from "../../lib/log.ts";
import { isFull } from "../support/full.ts";
import { embeddedObstacle, newInstance } from "../support/instances.ts";

/** The number of pages that the server reads from disk during `work`. */
async function pagesReadBy(connection: Connection, work: () => Promise<unknown>): Promise<number> {
  const before = await readPoolReads(connection);
  await work();
  const after = await readPoolReads(connection);
  return (after?.pagesRead ?? Number.NaN) - (before?.pagesRead ?? Number.NaN);
}

it.skipIf(!isFull || (await embeddedObstacle()) !== null)(
  "the harness reads the pages of the job after a server restart, before the clock of a sample starts",
  async () => {
    await using instance = newInstance();
    {
      await using database = await instance.open();
      const parameters = { users: 300, orders: 30_000, dormantUsers: 0, dataSeed: 1 };
      await ensureDataset(database.target, parameters, { log: silentLog });
      const connection = await connect(database.target);
      // otherwise the server loads the hottest pages itself at its start
      await execute(connection, "SET GLOBAL innodb_buffer_pool_dump_at_shutdown = OFF");
      await connection.end();
    }
    await using database = await instance.open();
    const connection = await connect(database.target);
    // the leaf pages of orders and its index are over 130 pages
    expect(await pagesReadBy(connection, () => warmCache(connection))).toBeGreaterThan(130);
    const job = "SELECT user_id, SUM(amount) FROM orders FORCE INDEX (orders_user_time) GROUP BY user_id";
    expect(await pagesReadBy(connection, () => execute(connection, job))).toBe(0);
    expect(await pagesReadBy(connection, () => execute(connection, "SELECT * FROM users JOIN badges ON user_id = id"))).toBe(0);
    await connection.end();
  },
);
