/** The lock of the schema, after the server has ended its connection. */
import { expect, it } from "vitest";
import { connect, execute, selectOne } from "../../lib/connection.ts";
import type { BenchError } from "../../lib/errors.ts";
import { requireSchemaLock, reserveSchema } from "../../lib/schema-lock.ts";
import { openTestSchema } from "../support/database.ts";

it("is taken again, so that another process stays out", async () => {
  await using schema = await openTestSchema("chaos lock", { create: true });
  const { target } = schema;
  const lost: BenchError[] = [];
  await using _lock = await reserveSchema(
    () => target,
    (error) => lost.push(error),
  );
  const other = await connect(target);
  const holder = async (): Promise<number | null> => {
    const { id } = await selectOne<{ id: number | null }>(
      other,
      "SELECT owner.processlist_id AS id FROM performance_schema.metadata_locks AS held JOIN performance_schema.threads AS owner ON owner.thread_id = held.owner_thread_id WHERE held.object_type = 'USER LEVEL LOCK' AND held.lock_status = 'GRANTED' AND held.object_name = CONCAT('orm-shootout ', LEFT(SHA2(?, 256), 32))",
      [target.schema],
    ).catch(() => ({ id: null }));
    return id;
  };
  try {
    const first = await holder();
    expect(first).not.toBeNull();
    await execute(other, `KILL ${first}`);
    await expect.poll(async () => ((await holder()) ?? first) !== first, { timeout: 20_000 }).toBe(true);
    await expect(requireSchemaLock(other, target)).rejects.toMatchObject({ code: "SCHEMA_BUSY" });
    expect(lost).toEqual([]);
  } finally {
    other.destroy();
  }
});
