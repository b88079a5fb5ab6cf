/** Schemas for the time of a measure. */
import { connectForLoading, ensureSchema } from "../../../fixtures/index.ts";
import { execute, identifier } from "../../../lib/connection.ts";
import type { ConnectionTarget } from "../../../lib/target.ts";

export interface TemporarySchema extends AsyncDisposable {
  readonly target: ConnectionTarget;
  drop(): Promise<void>;
}

/**
 * The schema `<schema>_perf_<name>`, which does not exist when the function returns. Dispose drops the schema.
 * @throws BenchError FOREIGN_SCHEMA when a schema of that name has tables that `bench` did not create
 */
export async function temporarySchema(target: ConnectionTarget, name: string): Promise<TemporarySchema> {
  const schema = `${target.schema}_perf_${name}`;
  const drop = async (): Promise<void> => {
    const connection = await connectForLoading(target, { withSchema: false });
    try {
      // Checks that `bench` created the schema before the drop.
      await ensureSchema(connection, schema);
      await execute(connection, `DROP DATABASE ${identifier(schema)}`);
    } finally {
      connection.destroy();
    }
  };
  // An interrupted run may have left the schema.
  await drop();
  return { target: { ...target, schema }, drop, [Symbol.asyncDispose]: drop };
}
