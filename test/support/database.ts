/** Addresses and schemas on the running test server. */
import { randomUUID } from "node:crypto";
import { connect, execute, identifier } from "../../lib/connection.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { assertUsualSettings, testServer } from "./worker-server.ts";

/**
 * A unique schema name on the running test server. An existing schema of that name is dropped at the end. The end fails when the test
 * left the test server with other settings.
 * @param name identifies the test in `SHOW DATABASES`
 * @param options.server another server than that of the tests
 * @param options.create true for an existing, empty schema; otherwise the tested code creates the schema
 */
export async function openTestSchema(
  name: string,
  options: { create?: boolean; server?: ConnectionTarget } = {},
): Promise<{ readonly target: ConnectionTarget } & AsyncDisposable> {
  const schema = `test_${name.replaceAll(/\W/g, "_").slice(0, 40)}_${randomUUID().slice(0, 8)}`;
  const target = { ...(options.server ?? (await testServer())), schema };
  const onServer = async (sql: string): Promise<void> => {
    const connection = await connect(target, { withSchema: false });
    try {
      await execute(connection, sql);
    } finally {
      await connection.end();
    }
  };
  if (options.create === true) await onServer(`CREATE DATABASE ${identifier(schema)}`);
  return {
    target,
    async [Symbol.asyncDispose]() {
      await onServer(`DROP DATABASE IF EXISTS ${identifier(schema)}`);
      if (options.server === undefined) await assertUsualSettings();
    },
  };
}
