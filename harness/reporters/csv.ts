import { stringify } from "csv-stringify/sync";
import type { RunResults } from "../records.ts";
import { summarise } from "../summary.ts";
import type { Reporter } from "./reporter.ts";

/** Tidy tables: a row per sample, and a row per cell. Unknown is empty, never 0. Times in ms with 3 decimals. */
export const reporter: Reporter = {
  id: "csv",
  summary: "samples.csv (a row per sample) and summary.csv (a row per cell)",
  files: (results) => [
    { name: "samples.csv", content: stringify(sampleRows(results), { header: true }) },
    { name: "summary.csv", content: stringify(summaryRows(results), { header: true }) },
  ],
};

const rounded = (value: number | null | undefined): string => (value === null || value === undefined ? "" : String(Math.round(value * 1000) / 1000));

function sampleRows({ run, samples }: RunResults): object[] {
  return samples.map((sample) => ({
    run_id: run.runId,
    started_at: sample.startedAt,
    suite: run.suite,
    strategy: sample.cell.strategy,
    orm: sample.cell.orm,
    orm_version: sample.ormVersion,
    api: sample.cell.api,
    key: sample.cell.key,
    workers: sample.cell.workers,
    chunk_rows: sample.cell.chunkUsers,
    add_rtt_ms: 0,
    durability: run.environment.server.durability,
    isolation: run.environment.server.isolation,
    users: run.dataset.users,
    orders: run.dataset.orders,
    data_seed: run.dataset.dataSeed,
    round: sample.round,
    position: sample.position,
    status: sample.status,
    reason: sample.reason,
    verified: sample.verified === null ? "" : String(sample.verified),
    wall_ms: rounded(sample.wallMs),
    read_ms: rounded(sample.phaseMs?.read),
    badges_ms: rounded(sample.phaseMs?.badges),
    grades_ms: rounded(sample.phaseMs?.grades),
    coupons_ms: rounded(sample.phaseMs?.coupons),
    done_share: rounded(sample.doneShare),
    estimated_wall_ms: rounded(sample.estimatedWallMs),
    rows_written: sample.rowsWritten,
    rows_per_second: rounded(sample.rowsPerSecond),
    statements: sample.statements,
    retries: sample.retries,
    client_cpu_ms: rounded(sample.clientCpuMs),
    peak_rss_bytes: sample.peakRssBytes,
    settle_ms: rounded(sample.settleMs),
    warnings: sample.warnings.join("; "),
  }));
}

function summaryRows(results: RunResults): object[] {
  return summarise(results).map((summary) => ({
    run_id: results.run.runId,
    suite: results.run.suite,
    strategy: summary.cell.strategy,
    orm: summary.cell.orm,
    orm_version: summary.ormVersion,
    orm_class: summary.cell.ormClass,
    driver: summary.cell.driver,
    api: summary.cell.api,
    key: summary.cell.key,
    workers: summary.cell.workers,
    chunk_rows: summary.cell.chunkUsers,
    status: summary.status,
    reason: summary.reason,
    samples: summary.samples,
    median_wall_ms: rounded(summary.medianWallMs),
    min_wall_ms: rounded(summary.minWallMs),
    max_wall_ms: rounded(summary.maxWallMs),
    done_share: rounded(summary.doneShare),
    estimated_wall_ms: rounded(summary.estimatedWallMs),
    rows_per_second: rounded(summary.rowsPerSecond),
    statements: rounded(summary.statements),
    retries: rounded(summary.retries),
    client_cpu_ms: rounded(summary.clientCpuMs),
    peak_rss_bytes: rounded(summary.peakRssBytes),
    ratio_to_floor: rounded(summary.ratioToFloor),
    ratio_to_set_based: rounded(summary.ratioToSetBased),
  }));
}
