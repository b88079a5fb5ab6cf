/** Whole runs at the scale of hundreds of users, on a separate schema. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatasetParameters } from "../../fixtures/index.ts";
import { planCells } from "../../harness/plan/cells.ts";
import type { RunResults, SampleRecord } from "../../harness/results/records.ts";
import { executeRun } from "../../harness/run/runner.ts";
import type { CellGroup } from "../../harness/suites/suite.ts";
import { silentLog, type Log } from "../../lib/log.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { openTestSchema } from "./database.ts";

const SMALL: DatasetParameters = { users: 150, orders: 5_000, dormantUsers: 7, dataSeed: 1 };

export interface TestRuns extends AsyncDisposable {
  readonly target: ConnectionTarget;
  readonly folder: string;
  /** Runs cells and returns the records. Each call has a separate results folder. */
  run(
    groups: readonly CellGroup[],
    options?: { rounds?: number; dataset?: DatasetParameters; signal?: AbortSignal; log?: Log; readyGraceMs?: number },
  ): Promise<RunResults>;
}

/**
 * A schema and a results folder for one test file, both deleted at the end.
 *
 * @param way overrides the address of the server
 */
export async function openTestRuns(name: string, way: Partial<ConnectionTarget> = {}): Promise<TestRuns> {
  const schema = await openTestSchema(name);
  const target = { ...schema.target, ...way };
  const folder = await mkdtemp(join(tmpdir(), "bench-test-"));
  let runs = 0;
  return {
    target,
    folder,
    async run(
      groups,
      { rounds = 1, dataset = SMALL, signal = new AbortController().signal, log = silentLog, readyGraceMs } = {},
    ) {
      runs += 1;
      const runFolder = await mkdtemp(join(folder, `run-${runs}-`));
      return executeRun(
        {
          cells: await planCells(groups),
          rounds,
          orderSeed: 1,
          suite: null,
          timeline: null,
          continued: null,
          dataset,
          database: { kind: "url", target, hasPassword: true },
          runId: `test-${runs}`,
          startedAt: new Date(),
          folder: runFolder,
        },
        { log, signal, readyGraceMs },
      );
    },
    async [Symbol.asyncDispose]() {
      await schema[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The samples of one strategy. */
export const samplesOf = ({ samples }: RunResults, strategy: string): SampleRecord[] =>
  samples.filter(({ cell }) => cell.strategy === strategy);
