/** Schemas that last as long as a measure. */
import { connectForLoading, ensureSchema } from "../../../fixtures/index.ts";
import { execute, identifier } from "../../../lib/connection.ts";
import type { ConnectionTarget } from "../../../lib/target.ts";

export interface TemporarySchema extends AsyncDisposable {
  readonly target: ConnectionTarget;
  drop(): Promise<void>;
}

/**
 * `<schema>_perf_<name>`, which does not exist when this returns. Dropped on dispose.
 * @throws BenchError FOREIGN_SCHEMA when somebody else has tables in a schema of that name
 */
export async function temporarySchema(target: ConnectionTarget, name: string): Promise<TemporarySchema> {
  const schema = `${target.schema}_perf_${name}`;
  const drop = async (): Promise<void> => {
    const connection = await connectForLoading(target, { withSchema: false });
    try {
      // makes sure that it is ours to drop
      await ensureSchema(connection, schema);
      await execute(connection, `DROP DATABASE ${identifier(schema)}`);
    } finally {
      connection.destroy();
    }
  };
  // an interrupted run may have left it
  await drop();
  return { target: { ...target, schema }, drop, [Symbol.asyncDispose]: drop };
}
