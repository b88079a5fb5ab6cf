import { stringify } from "csv-stringify/sync";
import type { RunRecord, SampleRecord } from "../records.ts";
import { summarise, type CellSummary } from "../summary.ts";
import type { Reporter } from "./reporter.ts";

/** Tidy tables: a row per sample, and a row per cell. Unknown is empty, never 0. Numbers with at most 3 decimals, shares with 6. */
export const reporter: Reporter = {
  id: "csv",
  summary: "samples.csv (a row per sample) and summary.csv (a row per cell)",
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
  ],
};

type Value = string | number | null;
type Columns<Row> = Readonly<Record<string, (row: Row) => Value>>;

/** The header stands there even when there is no row. */
function table<Row>(columns: Columns<Row>, rows: readonly Row[]): string {
  const lines = rows.map((row) => Object.values(columns).map((of) => of(row)));
  return stringify(lines, { header: true, columns: Object.keys(columns) });
}

const rounded = (value: number | null | undefined, decimals = 3): string =>
  value === null || value === undefined ? "" : String(Number(value.toFixed(decimals)));

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
  chunk_rows: ({ sample }) => sample.cell.chunkUsers,
  side: ({ sample }) => sample.cell.side,
  add_rtt_ms: () => 0,
  durability: ({ run }) => run.environment.server.durability,
  isolation: ({ run }) => run.environment.server.isolation,
  users: ({ run }) => run.dataset.users,
  orders: ({ run }) => run.dataset.orders,
  data_seed: ({ run }) => run.dataset.dataSeed,
  round: ({ sample }) => sample.round,
  position: ({ sample }) => sample.position,
  status: ({ sample }) => sample.status,
  reason: ({ sample }) => sample.reason,
  verified: ({ sample }) => (sample.verified === null ? "" : String(sample.verified)),
  wall_ms: ({ sample }) => rounded(sample.wallMs),
  read_ms: ({ sample }) => rounded(sample.phaseMs?.read),
  badges_ms: ({ sample }) => rounded(sample.phaseMs?.badges),
  grades_ms: ({ sample }) => rounded(sample.phaseMs?.grades),
  coupons_ms: ({ sample }) => rounded(sample.phaseMs?.coupons),
  done_share: ({ sample }) => rounded(sample.doneShare, 6),
  estimated_wall_ms: ({ sample }) => rounded(sample.estimatedWallMs),
  rows_written: ({ sample }) => sample.rowsWritten,
  rows_per_second: ({ sample }) => rounded(sample.rowsPerSecond),
  statements: ({ sample }) => sample.statements,
  retries: ({ sample }) => sample.retries,
  client_cpu_ms: ({ sample }) => rounded(sample.clientCpuMs),
  peak_rss_bytes: ({ sample }) => sample.peakRssBytes,
  settle_ms: ({ sample }) => rounded(sample.settleMs),
  warnings: ({ sample }) => sample.warnings.join("; "),
};

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
  chunk_rows: ({ summary }) => summary.cell.chunkUsers,
  side: ({ summary }) => summary.cell.side,
  status: ({ summary }) => summary.status,
  reason: ({ summary }) => summary.reason,
  samples: ({ summary }) => summary.samples,
  median_wall_ms: ({ summary }) => rounded(summary.medianWallMs),
  min_wall_ms: ({ summary }) => rounded(summary.minWallMs),
  max_wall_ms: ({ summary }) => rounded(summary.maxWallMs),
  done_share: ({ summary }) => rounded(summary.doneShare, 6),
  estimated_wall_ms: ({ summary }) => rounded(summary.estimatedWallMs),
  rows_per_second: ({ summary }) => rounded(summary.rowsPerSecond),
  statements: ({ summary }) => rounded(summary.statements),
  retries: ({ summary }) => rounded(summary.retries),
  client_cpu_ms: ({ summary }) => rounded(summary.clientCpuMs),
  peak_rss_bytes: ({ summary }) => rounded(summary.peakRssBytes),
  ratio_to_floor: ({ summary }) => rounded(summary.ratioToFloor),
  ratio_to_own_driver: ({ summary }) => rounded(summary.ratioToOwnDriver),
  ratio_to_set_based: ({ summary }) => rounded(summary.ratioToSetBased),
};
