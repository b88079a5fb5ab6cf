/** The data of `bench api serve`: `setUpService` makes it, and everything else only checks it. */
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

/** @throws BenchError SERVER_TOO_OLD */
export function serviceTarget(database: Database): ConnectionTarget {
  if (/mariadb/i.test(database.serverVersion))
    throw new BenchError(
      "SERVER_TOO_OLD",
      `${describeTarget(database.target)} is MariaDB, which lacks FOR SHARE and row aliases in INSERT`,
      "the reference service needs MySQL 8.0.19 or newer",
    );
  return { ...database.target, schema: `${database.target.schema}_api` };
}

/** What the schema holds, by its mark and its tables; rows are not counted, because requests add some. */
export interface FoundService {
  /** null: no complete dataset */
  readonly parameters: DatasetParameters | null;
  /** tables of the service, or `table.column`, that are missing */
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

/** `--users 30 --orders 600`, those that differ from the other's. */
const differing = (own: DatasetParameters, other: DatasetParameters): string =>
  NAMES.filter(([name]) => own[name] !== other[name])
    .map(([name, option]) => `${option} ${own[name]}`)
    .join(" ");

/** @throws BenchError DATA_IN_USE when the schema holds data of other parameters */
export function requireParameters(target: ConnectionTarget, found: DatasetParameters, asked: DatasetParameters): void {
  const difference = differing(found, asked);
  if (difference === "") return;
  throw new BenchError(
    "DATA_IN_USE",
    `${describeTarget(target)} holds the service's data of ${difference}, and ${differing(asked, found)} was asked for`,
    "leave these options out; or replace the data, with every write that the service took: bench api setup --replace",
  );
}

export interface SetUp {
  readonly target: ConnectionTarget;
  readonly parameters: DatasetParameters;
  /** false: the data was there */
  readonly loadedNow: boolean;
}

/**
 * Makes what is missing. Data that is there stays as it is, unless it is to be replaced.
 * @throws BenchError SCHEMA_BUSY, DATA_IN_USE, CONFIRMATION_NEEDED, and what loading throws
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
        `${describeTarget(target)} was set up by another version: ${found.missing.join(", ")} is missing`,
        "replace the data, with every write that the service took: bench api setup --replace",
      );
    const loads = found.parameters === null || replace;
    if (loads) {
      if (!database.owned) {
        const pending = await orAborted(findPending({ ...database, target }, parameters, null), signal);
        await confirmPending(pending, { yes, replaces: replace, show: (text) => log.info(text), signal });
      }
      await ensureSchema(connection, target.schema);
      // first: an interruption must not leave what the service knew of rows that are gone
      await dropApiTables(connection, target.schema);
      await ensureDataset(target, parameters, { log, signal, forService: true });
    }
    await execute(connection, `USE ${identifier(target.schema)}`);
    await createApiTables(connection);
    await keepForService(connection);
    return { target, parameters, loadedNow: loads };
  } catch (error) {
    throw explainDenial(error, target.schema);
  }
}
