/** The server answers a statement before it counts the statement. The count before the clock must contain each answered statement. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { countStatements, untilCounted } from "../../harness/probes/statements.ts";
import { connect, execute, type Connection } from "../../lib/connection.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { openTestSchema } from "../support/database.ts";

const USER = "counted_in_test";

let schema: Awaited<ReturnType<typeof openTestSchema>>;
let admin: Connection;
let target: ConnectionTarget;

beforeAll(async () => {
  schema = await openTestSchema("count", { create: true });
  admin = await connect(schema.target);
  target = { ...schema.target, user: USER, password: "in-this-test-1" };
  await execute(admin, "CREATE USER ?@'%' IDENTIFIED BY ?", [USER, target.password]);
  await execute(admin, `GRANT SELECT ON \`${schema.target.schema}\`.* TO ?@'%'`, [USER]);
});

afterAll(async () => {
  await execute(admin, "DROP USER ?@'%'", [USER]);
  await admin.end();
  await schema[Symbol.asyncDispose]();
});

it("contains a statement that was not finished when the wait began", async () => {
  const [running, idle] = await Promise.all([connect(target), connect(target)]);
  await untilCounted(admin, USER);
  const before = (await countStatements(admin, USER)) ?? Number.NaN;
  const answer = execute(running, "DO SLEEP(0.3)");
  await expect
    .poll(async () => {
      const [rows] = await admin.query("SELECT 1 FROM information_schema.processlist WHERE USER = ? AND COMMAND = 'Query'", [
        USER,
      ]);
      return rows;
    })
    .toHaveLength(1);
  await untilCounted(admin, USER);
  expect(await countStatements(admin, USER)).toBe(before + 1);
  await answer;
  await Promise.all([running.end(), idle.end()]);
});

it("ends when a statement runs for longer than the limit", async () => {
  const running = await connect(target);
  const answer = execute(running, "DO SLEEP(60)").catch((error: unknown) => error);
  await untilCounted(admin, USER);
  await execute(admin, `KILL ${running.threadId}`);
  expect(await answer).toBeInstanceOf(Error);
});
