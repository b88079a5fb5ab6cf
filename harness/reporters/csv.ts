import { stringify } from "csv-stringify/sync";
import { timeSplit } from "../results/costs.ts";
import type { Costs } from "../results/costs-schema.ts";
import type { RunRecord, RunResults, SampleRecord } from "../results/records.ts";
import { SWEEP_AXES } from "../results/relations.ts";
import { isCarried, timeAt } from "../rtt/fit.ts";
import { csvNumber, serverName } from "../text/format.ts";
import { summarise, type CellSummary } from "../results/summary.ts";
import type { Reporter, RenderedFile } from "./reporter.ts";
import { KEY_COLUMNS, keyPoints, type KeyPoint } from "./parts/keys.ts";
import { updatePoints, type UpdatePoint } from "./parts/updates.ts";
import { fittedCells, READ_OFF_MS, type Fitted } from "./parts/rtt.ts";

/** Tidy tables: one row per sample, one row per cell. Unknown is empty, never 0. Numbers have up to 3 decimals, fractions up to 6. */
export const reporter: Reporter = {
  id: "csv",
  summary:
    "samples.csv (one row per sample), summary.csv (one row per cell), rtt.csv for runs with several round-trip times, updates.csv for three or more chunk sizes, keys.csv for runs about key locality",
  files: async (results) => [
    {
      name: "samples.csv",
      content: table(
        SAMPLE_COLUMNS,
        results.samples.map((sample) => ({ run: results.run, sample })),
      ),
    },
    {
      name: "summary.csv",
      content: table(
        SUMMARY_COLUMNS,
        summarise(results).map((summary) => ({ run: results.run, summary })),
      ),
    },
    ...rttFile(results),
    ...updatesFile(results),
    ...keysFile(results),
  ],
};

type Value = string | number | null;
type Columns<Row> = Readonly<Record<string, (row: Row) => Value>>;

/** Writes the header even without rows, so that a reader finds the columns. */
function table<Row>(columns: Columns<Row>, rows: readonly Row[]): string {
  const lines = rows.map((row) => Object.values(columns).map((of) => of(row)));
  return stringify(lines, { header: true, columns: Object.keys(columns) });
}

const COST_COLUMNS: Readonly<Record<string, Exclude<keyof Costs, "statementKinds" | "topStatements">>> = {
  server_ms: "serverMs",
  server_cpu_ms: "serverCpuMs",
  prepares: "prepares",
  executions: "executions",
  closes: "closes",
  prepared_open_before: "preparedOpenBefore",
  prepared_open_at_end: "preparedOpenAtEnd",
  bytes_to_server: "bytesToServer",
  bytes_from_server: "bytesFromServer",
  rows_inserted: "rowsInserted",
  rows_updated: "rowsUpdated",
  rows_deleted: "rowsDeleted",
  rows_read: "rowsRead",
  handler_writes: "handlerWrites",
  redo_bytes: "redoBytes",
  redo_fsyncs: "redoFsyncs",
  fsyncs: "fsyncs",
  binlog_bytes: "binlogBytes",
  page_splits: "pageSplits",
  table_bytes: "tableBytes",
  index_bytes: "indexBytes",
  row_lock_waits: "rowLockWaits",
  row_lock_wait_ms: "rowLockWaitMs",
  deadlocks: "deadlocks",
  lock_wait_timeouts: "lockWaitTimeouts",
  transactions: "transactions",
  longest_transaction_ms: "longestTransactionMs",
  pages_read: "pagesRead",
  growing_rows: "growingRows",
  lookup_us: "lookupUs",
  range_rows_per_second: "rangeRowsPerSecond",
  parse_ms: "parseMs",
  range_limits_exceeded: "rangeLimitsExceeded",
};

/** Kinds of statements with a separate column; `other_statements` sums the rest. */
const KIND_COLUMNS = ["select", "insert", "update", "delete", "begin", "commit", "rollback"];

/** Columns of the server's counters, for a sample or for the median of a cell. */
function costColumns<Row>(costsOf: (row: Row) => Costs | null): Columns<Row> {
  const kinds = (row: Row) => costsOf(row)?.statementKinds ?? null;
  return {
    ...Object.fromEntries(
      KIND_COLUMNS.map((kind) => [
        `${kind}_statements`,
        (row: Row) => (kinds(row) === null ? "" : csvNumber(kinds(row)?.[kind] ?? 0)),
      ]),
    ),
    other_statements: (row) => {
      const known = kinds(row);
      if (known === null) return "";
      return csvNumber(
        Object.entries(known).reduce((sum, [kind, number]) => (KIND_COLUMNS.includes(kind) ? sum : sum + number), 0),
      );
    },
    ...Object.fromEntries(
      Object.entries(COST_COLUMNS).map(([name, field]) => [name, (row: Row) => csvNumber(costsOf(row)?.[field])]),
    ),
  };
}

/** Values below 1 need more decimals. */
const fractionColumns = <Row>(costsOf: (row: Row) => Costs | null): Columns<Row> => ({
  leaf_fill: (row) => csvNumber(costsOf(row)?.leafFill, 6),
  lookup_pages_read: (row) => csvNumber(costsOf(row)?.lookupPagesRead, 6),
});

const flag = (value: boolean | undefined): string => (value === undefined ? "" : String(value));

/** The setting of the cell, else that of the server. */
const durabilityIn = (run: RunRecord, { durability }: SampleRecord["cell"]): string =>
  durability ?? run.environment.server.durability;
const isolationIn = (run: RunRecord, { isolation }: SampleRecord["cell"]): string | null =>
  isolation?.toUpperCase() ?? run.environment.server.isolation;

/** A row without these columns cannot be compared with a row of another file. */
const MACHINE_COLUMNS: Columns<{ run: RunRecord }> = {
  server: ({ run }) => serverName(run.environment.server.version),
  machine: ({ run }) => run.environment.machine.name,
  cpu: ({ run }) => run.environment.machine.cpu,
  cores: ({ run }) => run.environment.machine.cores,
  date: ({ run }) => run.startedAt.slice(0, "2026-01-01".length),
};
/** The size that the server reported, also where the run did not set it. */
const poolBytes = ({ run }: { run: RunRecord }): string | null =>
  run.environment.server.variables["innodb_buffer_pool_size"] ?? null;

const RUN_COLUMNS: Columns<{ run: RunRecord }> = {
  users: ({ run }) => run.dataset.users,
  orders: ({ run }) => run.dataset.orders,
  data_seed: ({ run }) => run.dataset.dataSeed,
  ...MACHINE_COLUMNS,
};

const SAMPLE_COLUMNS: Columns<{ run: RunRecord; sample: SampleRecord }> = {
  run_id: ({ run }) => run.runId,
  started_at: ({ sample }) => sample.startedAt,
  suite: ({ run }) => run.suite,
  strategy: ({ sample }) => sample.cell.strategy,
  orm: ({ sample }) => sample.cell.orm,
  orm_version: ({ sample }) => sample.ormVersion,
  api: ({ sample }) => sample.cell.api,
  key: ({ sample }) => sample.cell.key,
  workers: ({ sample }) => sample.cell.workers,
  chunk_users: ({ sample }) => sample.cell.chunkUsers,
  add_rtt_ms: ({ sample }) => sample.cell.addedRttMs,
  durability: ({ run, sample }) => durabilityIn(run, sample.cell),
  isolation: ({ run, sample }) => isolationIn(run, sample.cell),
  users: ({ run }) => run.dataset.users,
  orders: ({ run }) => run.dataset.orders,
  data_seed: ({ run }) => run.dataset.dataSeed,
  round: ({ sample }) => sample.round,
  position: ({ sample }) => sample.position,
  status: ({ sample }) => sample.status,
  reason: ({ sample }) => sample.reason,
  verified: ({ sample }) => (sample.verified === null ? "" : String(sample.verified)),
  wall_ms: ({ sample }) => csvNumber(sample.wallMs),
  read_ms: ({ sample }) => csvNumber(sample.phaseMs?.read),
  badges_ms: ({ sample }) => csvNumber(sample.phaseMs?.badges),
  grades_ms: ({ sample }) => csvNumber(sample.phaseMs?.grades),
  coupons_ms: ({ sample }) => csvNumber(sample.phaseMs?.coupons),
  done_fraction: ({ sample }) => csvNumber(sample.doneFraction, 6),
  estimated_wall_ms: ({ sample }) => csvNumber(sample.estimatedWallMs),
  rows_written: ({ sample }) => sample.rowsWritten,
  rows_per_second: ({ sample }) => csvNumber(sample.rowsPerSecond),
  statements: ({ sample }) => sample.statements,
  retries: ({ sample }) => sample.retries,
  client_cpu_ms: ({ sample }) => csvNumber(sample.clientCpuMs),
  peak_rss_bytes: ({ sample }) => sample.peakRssBytes,
  event_loop_delay_p99_ms: ({ sample }) => csvNumber(sample.eventLoopDelayP99Ms),
  rest_ms: ({ sample }) => csvNumber(timeSplit(sample)?.restMs),
  ...costColumns(({ sample }: { sample: SampleRecord }) => sample.costs),
  quiesce_ms: ({ sample }) => csvNumber(sample.quiesceMs),
  warnings: ({ sample }) => sample.warnings.join("; "),
  round_trips: ({ sample }) => sample.roundTrips,
  round_trip_chain: ({ sample }) => sample.roundTripChain,
  side: ({ sample }) => sample.cell.side,
  driver_version: ({ sample }) => sample.driverVersion,
  track: ({ sample }) => sample.cell.track,
  code: ({ sample }) => sample.cell.code,
  outside_wall_ms: ({ sample }) => csvNumber(sample.outsideWallMs),
  prefill: ({ sample }) => sample.cell.prefill,
  parallel: ({ sample }) => sample.cell.parallel ?? "threads",
  split: ({ sample }) => sample.cell.split ?? "range",
  buffer_pool_bytes: poolBytes,
  ...fractionColumns(({ sample }: { sample: SampleRecord }) => sample.costs),
  ...MACHINE_COLUMNS,
};

const RTT_COLUMNS: Columns<{ run: RunRecord; fitted: Fitted }> = {
  cell: ({ fitted }) => fitted.name,
  base_ms: ({ fitted: { fit } }) => (isCarried(fit) ? csvNumber(fit.baseMs) : ""),
  chain: ({ fitted: { fit } }) => (isCarried(fit) ? csvNumber(fit.chain) : ""),
  round_trips: ({ fitted }) => fitted.roundTrips,
  round_trip_chain: ({ fitted }) => fitted.roundTripChain,
  worst_miss: ({ fitted }) => csvNumber(fitted.fit.worstMiss, 6),
  ...Object.fromEntries(
    READ_OFF_MS.map((ms) => [
      `at_${ms}_ms`,
      ({ fitted: { fit } }: { fitted: Fitted }) => (isCarried(fit) ? csvNumber(timeAt(fit, ms)) : ""),
    ]),
  ),
  ...RUN_COLUMNS,
};

/** rtt.csv with the fitted line of each cell; no file for a run with fewer than two round-trip times. */
function rttFile(results: RunResults): RenderedFile[] {
  const fitted = fittedCells(results);
  if (fitted.length === 0) return [];
  const rows = fitted.map((each) => ({ run: results.run, fitted: each }));
  return [{ name: "rtt.csv", content: table(RTT_COLUMNS, rows) }];
}

const UPDATE_COLUMNS: Columns<UpdatePoint> = {
  strategy: ({ strategy }) => strategy,
  orm: ({ orm }) => orm,
  key: ({ key }) => key,
  chunk_users: ({ chunkUsers }) => chunkUsers,
  update_rows_per_second: ({ rowsPerSecond }) => csvNumber(rowsPerSecond),
  reason: ({ reason }) => reason,
  rows_updated: ({ rowsUpdated }) => csvNumber(rowsUpdated),
  rows_read_per_row: ({ rowsReadPerRow }) => csvNumber(rowsReadPerRow),
  bytes_to_server: ({ bytesToServer }) => csvNumber(bytesToServer),
  server_cpu_ms: ({ serverCpuMs }) => csvNumber(serverCpuMs),
  client_cpu_ms: ({ clientCpuMs }) => csvNumber(clientCpuMs),
  parse_ms: ({ parseMs }) => csvNumber(parseMs),
  cell: ({ cell }) => cell,
  range_limits_exceeded: ({ rangeLimitsExceeded }) => csvNumber(rangeLimitsExceeded),
};

/** updates.csv with the speed of the updates by chunk size; no file for a run without three sizes. */
function updatesFile(results: RunResults): RenderedFile[] {
  const points = updatePoints(results);
  return points.length === 0 ? [] : [{ name: "updates.csv", content: table(UPDATE_COLUMNS, points) }];
}

const KEYS_FILE_COLUMNS: Columns<KeyPoint & { run: RunRecord }> = {
  ...KEY_COLUMNS,
  cell: ({ summary }) => summary.cell.id,
  buffer_pool_bytes: poolBytes,
  ...RUN_COLUMNS,
};

/** keys.csv with the costs of each kind of key; no file for a run that is not about key locality. */
function keysFile(results: RunResults): RenderedFile[] {
  const rows = keyPoints(results).map((point) => ({ ...point, run: results.run }));
  return rows.length === 0 ? [] : [{ name: "keys.csv", content: table(KEYS_FILE_COLUMNS, rows) }];
}

const SUMMARY_COLUMNS: Columns<{ run: RunRecord; summary: CellSummary }> = {
  run_id: ({ run }) => run.runId,
  suite: ({ run }) => run.suite,
  strategy: ({ summary }) => summary.cell.strategy,
  orm: ({ summary }) => summary.cell.orm,
  orm_version: ({ summary }) => summary.ormVersion,
  orm_class: ({ summary }) => summary.cell.ormClass,
  driver: ({ summary }) => summary.cell.driver,
  api: ({ summary }) => summary.cell.api,
  key: ({ summary }) => summary.cell.key,
  workers: ({ summary }) => summary.cell.workers,
  chunk_users: ({ summary }) => summary.cell.chunkUsers,
  add_rtt_ms: ({ summary }) => summary.cell.addedRttMs,
  round_trips: ({ summary }) => csvNumber(summary.roundTrips),
  round_trip_chain: ({ summary }) => csvNumber(summary.roundTripChain),
  status: ({ summary }) => summary.status,
  reason: ({ summary }) => summary.reason,
  samples: ({ summary }) => summary.samples,
  median_wall_ms: ({ summary }) => csvNumber(summary.medianWallMs),
  min_wall_ms: ({ summary }) => csvNumber(summary.minWallMs),
  max_wall_ms: ({ summary }) => csvNumber(summary.maxWallMs),
  done_fraction: ({ summary }) => csvNumber(summary.doneFraction, 6),
  estimated_wall_ms: ({ summary }) => csvNumber(summary.estimatedWallMs),
  min_estimated_wall_ms: ({ summary }) => csvNumber(summary.minEstimatedWallMs),
  max_estimated_wall_ms: ({ summary }) => csvNumber(summary.maxEstimatedWallMs),
  left_out_samples: ({ summary }) => summary.leftOut,
  rows_per_second: ({ summary }) => csvNumber(summary.rowsPerSecond),
  statements: ({ summary }) => csvNumber(summary.statements),
  retries: ({ summary }) => csvNumber(summary.retries),
  client_cpu_ms: ({ summary }) => csvNumber(summary.clientCpuMs),
  peak_rss_bytes: ({ summary }) => csvNumber(summary.peakRssBytes),
  event_loop_delay_p99_ms: ({ summary }) => csvNumber(summary.eventLoopDelayP99Ms),
  rest_ms: ({ summary }) => csvNumber(summary.split?.restMs),
  ...costColumns(({ summary }: { summary: CellSummary }) => summary.costs),
  ratio_to_baseline: ({ summary }) => csvNumber(summary.ratioToBaseline),
  ratio_to_own_driver: ({ summary }) => csvNumber(summary.ratioToOwnDriver),
  ratio_to_set_based: ({ summary }) => csvNumber(summary.ratioToSetBased),
  side: ({ summary }) => summary.cell.side,
  driver_version: ({ summary }) => summary.driverVersion,
  track: ({ summary }) => summary.cell.track,
  code: ({ summary }) => summary.cell.code,
  durability: ({ run, summary }) => durabilityIn(run, summary.cell),
  isolation: ({ run, summary }) => isolationIn(run, summary.cell),
  median_low_wall_ms: ({ summary }) => csvNumber(summary.wallInterval?.low),
  median_high_wall_ms: ({ summary }) => csvNumber(summary.wallInterval?.high),
  ratio_to_set_based_low: ({ summary }) => csvNumber(summary.ratioToSetBasedInterval?.low),
  ratio_to_set_based_high: ({ summary }) => csvNumber(summary.ratioToSetBasedInterval?.high),
  times_faster_than_naive: ({ summary }) => csvNumber(summary.speedUpToNaive?.times),
  times_faster_than_naive_is_estimate: ({ summary }) => flag(summary.speedUpToNaive?.isEstimate),
  times_faster_than_slowest: ({ summary }) => csvNumber(summary.speedUpToSlowest?.times),
  times_faster_than_slowest_is_estimate: ({ summary }) => flag(summary.speedUpToSlowest?.isEstimate),
  prefill: ({ summary }) => summary.cell.prefill,
  parallel: ({ summary }) => summary.cell.parallel ?? "threads",
  split: ({ summary }) => summary.cell.split ?? "range",
  buffer_pool_bytes: poolBytes,
  ...fractionColumns(({ summary }: { summary: CellSummary }) => summary.costs),
  ...Object.fromEntries(
    SWEEP_AXES.map((axis) => [
      `ratio_to_first_${axis}`,
      ({ summary }: { summary: CellSummary }) => csvNumber(summary.stepRatios.find((ratio) => ratio.axis === axis)?.ratio),
    ]),
  ),
  ...RUN_COLUMNS,
};
