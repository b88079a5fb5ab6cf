/** The data of `bench api serve`: only `setUpService` creates it, and all other functions only check it. */
import { createApiTables, dropApiTables, missingApiTables } from "../../api/tables.ts";
import { ensureDataset, ensureSchema, findLoaded, keepForService, type DatasetParameters } from "../../fixtures/index.ts";
import { connect, execute, explainDenial, identifier, keepIn, type Connection } from "../../lib/connection.ts";
import { BenchError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { requireSchemaLock } from "../../lib/schema-lock.ts";
import { describeTarget, type ConnectionTarget } from "../../lib/target.ts";
import type { Database } from "../database/index.ts";
import { confirmPending, findPending } from "../run/remote-consent.ts";
import { orAborted } from "../run/interrupt.ts";
import { requireRowLocks } from "./row-locks.ts";

/** @throws BenchError SERVER_TOO_OLD */
export function serviceTarget(database: Database): ConnectionTarget {
  if (/mariadb/i.test(database.serverVersion))
    throw new BenchError(
      "SERVER_TOO_OLD",
      `cannot serve from ${describeTarget(database.target)}: MariaDB lacks FOR SHARE and row aliases in INSERT`,
      "use MySQL 8.0.19 or newer",
    );
  return { ...database.target, schema: `${database.target.schema}_api` };
}

/** State of the schema, from its mark and tables. Row numbers do not count, because requests add rows. */
export interface FoundService {
  /** null: no complete dataset */
  readonly parameters: DatasetParameters | null;
  /** missing tables of the service, or missing columns as `table.column` */
  readonly missing: readonly string[];
}

export const isSetUp = ({ parameters, missing }: FoundService): boolean => parameters !== null && missing.length === 0;

/** @throws BenchError FOREIGN_SCHEMA, MISSING_GRANT */
export async function findService(target: ConnectionTarget): Promise<FoundService> {
  const connection = await connect(target, { withSchema: false });
  try {
    return await lookAt(connection, target);
  } catch (error) {
    throw explainDenial(error, target.schema);
  } finally {
    connection.destroy();
  }
}

async function lookAt(connection: Connection, { schema }: ConnectionTarget): Promise<FoundService> {
  const parameters = await findLoaded(connection, schema);
  return { parameters, missing: await missingApiTables(connection, schema) };
}

const NAMES = [
  ["users", "--users"],
  ["orders", "--orders"],
  ["dormantUsers", "--dormant-users"],
  ["dataSeed", "--data-seed"],
] as const satisfies readonly (readonly [keyof DatasetParameters, string])[];

/** The parameters that differ from `other`, as options: `--users 30 --orders 600`. */
const differing = (own: DatasetParameters, other: DatasetParameters): string =>
  NAMES.filter(([name]) => own[name] !== other[name])
    .map(([name, option]) => `${option} ${own[name]}`)
    .join(" ");

/** @throws BenchError DATA_IN_USE if the schema contains data of other parameters */
export function requireParameters(target: ConnectionTarget, found: DatasetParameters, requested: DatasetParameters): void {
  const difference = differing(found, requested);
  if (difference === "") return;
  throw new BenchError(
    "DATA_IN_USE",
    `${describeTarget(target)} contains the service's data for ${difference}, not for ${differing(requested, found)}`,
    "remove these options, or replace the data and all accepted writes: bench api setup --replace",
  );
}

export interface SetUp {
  readonly target: ConnectionTarget;
  readonly parameters: DatasetParameters;
  /** false: the data already existed */
  readonly loadedNow: boolean;
}

/**
 * Creates missing data and tables. It changes no existing data without `replace`.
 * @throws BenchError SCHEMA_BUSY, DATA_IN_USE, CONFIRMATION_NEEDED, ROW_LOCKS_MISSING, and errors of loading
 */
export async function setUpService(
  database: Database,
  parameters: DatasetParameters,
  options: { replace: boolean; yes: boolean; log: Log; signal: AbortSignal },
): Promise<SetUp> {
  const { replace, yes, log, signal } = options;
  const target = serviceTarget(database);
  await using stack = new AsyncDisposableStack();
  const connection = keepIn(stack, await connect(target, { withSchema: false }));
  await requireSchemaLock(connection, target);
  try {
    const found = await lookAt(connection, target);
    if (found.parameters !== null && !replace) requireParameters(target, found.parameters, parameters);
    const isWithoutColumn = found.missing.some((name) => name.includes("."));
    if (isWithoutColumn && !replace)
      throw new BenchError(
        "DATA_IN_USE",
        `cannot use ${describeTarget(target)}: another version created it, without ${found.missing.join(", ")}`,
        "replace the data and all accepted writes: bench api setup --replace",
      );
    const loads = found.parameters === null || replace;
    if (loads) {
      if (!database.owned) {
        const pending = await orAborted(findPending({ ...database, target }, parameters, null), signal);
        await confirmPending(pending, { yes, replaces: replace, show: (text) => log.info(text), signal });
      }
      await ensureSchema(connection, target.schema);
      // dropped first: after an interruption, the service's tables must not refer to dropped rows
      await dropApiTables(connection, target.schema);
      await ensureDataset(target, parameters, { log, signal, forService: true });
    }
    await execute(connection, `USE ${identifier(target.schema)}`);
    await createApiTables(connection);
    await requireRowLocks(target);
    await keepForService(connection);
    return { target, parameters, loadedNow: loads };
  } catch (error) {
    throw explainDenial(error, target.schema);
  }
}
