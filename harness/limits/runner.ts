/** Searches the limit of each technique and library on a small schema, and records each search as soon as it ends. */
import { join } from "node:path";
import { createBareUsers, restoreBareUsers } from "../../fixtures/index.ts";
import { clockMs } from "../../lib/clock.ts";
import { connect, execute, identifier, keepIn, select, selectOne, type Connection } from "../../lib/connection.ts";
import { BenchError, reasonOf } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { requireSchemaLock } from "../../lib/schema-lock.ts";
import { MAX_PLACEHOLDERS } from "../../strategies/many-row-update.ts";
import type { Database } from "../database/index.ts";
import { readEnvironment } from "../probes/environment.ts";
import { preparePackages } from "../packages/install.ts";
import { ormLabel } from "../plan/cell.ts";
import { packagesUrlOf, type PlannedCell } from "../plan/planned-cell.ts";
import { packageVersion } from "../../lib/installed-package.ts";
import { appendRecord } from "../results/record-file.ts";
import { readServerFacts, skipText, unmetNeed } from "../run/server-needs.ts";
import { createChildAccount } from "../server-state/account.ts";
import { count, duration } from "../text/format.ts";
import { CannotTry, EXISTING_IDS, Prober, type Attempt, type ProbedServer } from "./prober.ts";
import {
  LIMITS_RECORDS_FILE,
  LIMITS_RECORDS_VERSION,
  readLimits,
  searchName,
  type LimitsRecord,
  type LimitsResults,
  type LimitsSettings,
  type SearchRecord,
} from "./records.ts";
import { describeSearch } from "./report.ts";
import { searchLimit, type Prediction } from "./search.ts";

export interface LimitsRequest {
  readonly cells: readonly PlannedCell[];
  readonly settings: LimitsSettings;
  readonly database: Database;
  readonly folder: string;
  /** of the records in the folder; null: it has none */
  readonly earlier: LimitsRecord | null;
  /** for the whole command; null: no limit */
  readonly timeLimitMs: number | null;
}

const FIRST_ROWS = 64;
const VARIABLES = [
  "max_allowed_packet",
  "thread_stack",
  "innodb_buffer_pool_size",
  "range_optimizer_max_mem_size",
  "eq_range_index_dive_limit",
  "parser_max_mem_size",
  "tmp_table_size",
  "max_execution_time",
];

async function readVariables(connection: Connection): Promise<Record<string, string | null>> {
  const rows = await select<{ Variable_name: string; Value: string }>(
    connection,
    `SHOW GLOBAL VARIABLES WHERE Variable_name IN (${VARIABLES.map((name) => `'${name}'`).join(", ")})`,
  );
  const found = new Map(rows.map((row) => [row.Variable_name, row.Value]));
  return Object.fromEntries(VARIABLES.map((name) => [name, found.get(name) ?? null]));
}

/** @throws BenchError RESUME_MISMATCH for records of another server or other settings: their limits are not comparable */
function requireSame(
  earlier: LimitsRecord,
  now: Pick<LimitsRecord, "settings" | "environment" | "variables">,
  folder: string,
): void {
  const facts = ({ settings, environment, variables }: typeof now): Map<string, unknown> =>
    new Map<string, unknown>(Object.entries({ ...settings, server: environment.server.version, ...variables }));
  const [before, after] = [facts(earlier), facts(now)];
  const changed = [...after].find(([name, value]) => before.get(name) !== value);
  if (changed === undefined) return;
  const [name, value] = changed;
  throw new BenchError(
    "RESUME_MISMATCH",
    `cannot continue ${folder}: its searches have ${name} ${String(before.get(name))}, not ${String(value)}`,
    "repeat the options of the earlier command, or choose another folder with --out",
  );
}

type SearchParts = Pick<SearchRecord, "operation" | "status" | "reason" | "worked" | "failed" | "mostRowsLeft" | "attempts">;

const notSearched = (status: "skipped" | "failed", reason: string): SearchParts => ({
  operation: null,
  status,
  reason,
  worked: null,
  failed: null,
  mostRowsLeft: 0,
  attempts: 0,
});

async function countRowsLeft(admin: Connection): Promise<number> {
  const { left } = await selectOne<{ left: number }>(
    admin,
    `SELECT (SELECT COUNT(*) FROM users) - ${EXISTING_IDS.length} + (SELECT COUNT(*) FROM users WHERE grade_changed_at IS NOT NULL)
       + (SELECT COUNT(*) FROM grade_logs_identity) AS \`left\``,
  );
  return left;
}

/** Bytes and placeholders grow with the rows, so that one size predicts the limit of a known kind. */
function predictionOf(
  { sent }: Attempt,
  { failed }: Attempt,
  { maxAllowedPacket }: ProbedServer,
  precision: number,
): Prediction | null {
  if (failed?.kind === "placeholders" && sent.placeholders !== null)
    return { rows: Math.floor((MAX_PLACEHOLDERS * sent.rows) / sent.placeholders), step: 1 };
  if (failed?.kind !== "packet" || sent.bytes === null || maxAllowedPacket === null) return null;
  const rows = Math.floor((maxAllowedPacket * sent.rows) / sent.bytes);
  return { rows, step: Math.max(1, Math.floor(rows * precision)) };
}

interface Search {
  readonly settings: LimitsSettings;
  readonly server: ProbedServer;
  readonly isOver: () => boolean;
  readonly log: Log;
  readonly signal: AbortSignal;
}

async function search(planned: PlannedCell, { settings, server, isOver, log, signal }: Search): Promise<SearchParts> {
  const { maxRows, precision } = settings;
  const name = searchName({ strategy: planned.cell.strategy, orm: ormLabel(planned.cell) });
  await using prober = new Prober(planned, settings, server, signal);
  let attempts = 0;
  let mostRowsLeft = 0;
  try {
    const { worked, notWorked, isComplete } = await searchLimit(
      async (rows, isFresh) => {
        attempts += 1;
        const attempt = await prober.attempt(rows, isFresh);
        mostRowsLeft = Math.max(mostRowsLeft, attempt.failed?.rowsLeft ?? 0);
        const why = attempt.failed === null ? "" : `: ${attempt.failed.message}`;
        log.detail(`${name}: ${count(rows)} rows ${attempt.outcome} after ${duration(attempt.sent.ms)}${why}`);
        return attempt;
      },
      {
        predict: (worked, failed) => predictionOf(worked, failed, server, precision),
        firstRows: Math.min(FIRST_ROWS, maxRows),
        maxRows,
        precision,
        isOver,
      },
    );
    const failed = notWorked?.failed ?? null;
    const found = { operation: prober.operation, worked: worked?.sent ?? null, failed, mostRowsLeft, attempts };
    if (!isComplete) return { ...found, status: "unfinished", reason: null };
    if (worked === null) return { ...found, status: "failed", reason: failed?.message ?? "no size worked" };
    if (notWorked === null) return { ...found, status: "none", reason: null };
    return { ...found, status: notWorked.outcome === "timed-out" ? "slow" : "found", reason: null };
  } catch (error) {
    if (!(error instanceof CannotTry)) throw error;
    return { ...notSearched("failed", reasonOf(error)), operation: prober.operation, attempts };
  }
}

/**
 * Creates the scratch schema of the target, and drops it afterwards.
 * @returns everything recorded, also after the time limit
 * @throws BenchError SCHEMA_BUSY, FOREIGN_SCHEMA, MISSING_GRANT, RESUME_MISMATCH
 */
export async function searchLimits(request: LimitsRequest, log: Log, signal: AbortSignal): Promise<LimitsResults> {
  const { cells, settings, database, folder, earlier, timeLimitMs } = request;
  const { target } = database;
  const startedAt = clockMs();
  const isOver = (): boolean => timeLimitMs !== null && clockMs() - startedAt > timeLimitMs;
  await preparePackages(cells, { log, signal });
  await using stack = new AsyncDisposableStack();
  const lock = keepIn(stack, await connect(target, { withSchema: false }));
  await requireSchemaLock(lock, target);
  const variables = await readVariables(lock);
  const { environment } = await readEnvironment(lock, database, cells, folder);
  const file = join(folder, LIMITS_RECORDS_FILE);
  if (earlier === null)
    await appendRecord(file, {
      type: "limits",
      version: LIMITS_RECORDS_VERSION,
      startedAt: new Date().toISOString(),
      settings,
      environment,
      variables,
    });
  else requireSame(earlier, { settings, environment, variables }, folder);

  const scratch = { ...target, schema: `${target.schema}_scratch` };
  await createBareUsers(scratch, EXISTING_IDS);
  stack.defer(() => execute(lock, `DROP DATABASE IF EXISTS ${identifier(scratch.schema)}`).then(() => undefined));
  const admin = keepIn(stack, await connect(scratch));
  const account = stack.use(await createChildAccount(admin, scratch, scratch.schema, [lock]));
  const maxAllowedPacket = variables["max_allowed_packet"] == null ? null : Number(variables["max_allowed_packet"]);
  const probed: ProbedServer = {
    account,
    pid: database.serverPid,
    maxAllowedPacket,
    async restore() {
      const rowsLeft = await countRowsLeft(admin);
      if (rowsLeft > 0) await restoreBareUsers(admin, EXISTING_IDS);
      return rowsLeft;
    },
  };
  const facts = await readServerFacts(lock);

  const progress = log.progress("limits", cells.length, "searches");
  try {
    for (const [index, planned] of cells.entries()) {
      signal.throwIfAborted();
      if (isOver()) break;
      const { cell, orm, skipReason } = planned;
      const from = { at: new Date().toISOString(), ms: clockMs() };
      const unmet = unmetNeed(planned.server, facts);
      const reason = skipReason ?? (unmet === null ? null : skipText(unmet));
      const parts =
        reason === null
          ? await search(planned, { settings, server: probed, isOver, log, signal })
          : notSearched("skipped", reason);
      const record: SearchRecord = {
        type: "search",
        startedAt: from.at,
        strategy: cell.strategy,
        orm: ormLabel(cell),
        api: cell.api,
        code: cell.code,
        ormVersion: await packageVersion(orm.packageName, packagesUrlOf(planned)),
        driver: orm.driver,
        driverVersion: await packageVersion(orm.driver, packagesUrlOf(planned)),
        ...parts,
        wallMs: clockMs() - from.ms,
      };
      await appendRecord(file, record);
      progress.update(index + 1);
      log.info(describeSearch(record));
    }
  } finally {
    progress.stop();
  }
  return await readLimits(folder);
}
