/** Records in the form that a run writes, for tests of reports. */
import type { RunRecord, RunResults, SampleRecord } from "../../harness/results/records.ts";

type RecordedCell = RunRecord["cells"][number];

export function recordedCell(parts: Partial<RecordedCell> & Pick<RecordedCell, "strategy" | "orm">): RecordedCell {
  const cell: Omit<RecordedCell, "id"> = {
    key: "identity",
    workers: 1,
    parallel: null,
    split: null,
    chunkUsers: null,
    isolation: null,
    track: "default",
    durability: null,
    prefill: null,
    addedRttMs: null,
    version: null,
    side: null,
    api: "native",
    code: "strategies/naive.ts",
    ormClass: "full",
    isOwnOrm: false,
    driver: "mysql2",
    colour: null,
    limitMs: null,
    maxRounds: null,
    settings: {},
    connection: { poolConnections: 10, isolation: null, statements: "library" },
    ...parts,
  };
  return { id: `${cell.strategy}/${cell.orm}/${cell.key}`, ...cell };
}

export function recordedSample(cell: RecordedCell, round: number, parts: Partial<SampleRecord> = {}): SampleRecord {
  const {
    ormClass: _class,
    isOwnOrm: _own,
    driver: _driver,
    colour: _colour,
    limitMs: _limit,
    maxRounds: _max,
    settings: _settings,
    connection: _connection,
    ...plain
  } = cell;
  return {
    type: "sample",
    startedAt: "2026-11-01T10:00:00.000Z",
    cell: plain,
    ormVersion: "1.2.3",
    driverVersion: "4.5.6",
    round,
    position: 1,
    status: "ok",
    reason: null,
    verified: true,
    wallMs: 1000,
    outsideWallMs: 1002,
    phaseMs: { read: 100, badges: 200, grades: 300, coupons: 400 },
    doneFraction: null,
    estimatedWallMs: null,
    rowsWritten: 3000,
    rowsPerSecond: 3000,
    statements: 40,
    roundTrips: null,
    roundTripChain: null,
    retries: 0,
    clientCpuMs: 500,
    peakRssBytes: 100 * 2 ** 20,
    eventLoopDelayP99Ms: 12,
    costs: null,
    optimiser: null,
    quiesceMs: 400,
    warnings: [],
    ...parts,
  };
}

export const timedOut = (parts: Partial<SampleRecord> = {}): Partial<SampleRecord> => ({
  status: "timed-out",
  reason: "stopped by the limit of 8 s with 2.0 % of the rows written",
  wallMs: null,
  phaseMs: null,
  doneFraction: 0.02,
  estimatedWallMs: 400_000,
  ...parts,
});

export const wrong = (reason: string): Partial<SampleRecord> => ({
  status: "failed",
  reason,
  verified: false,
  wallMs: null,
  phaseMs: null,
  rowsWritten: null,
  rowsPerSecond: null,
});

export function recordedRun(cells: RecordedCell[], samples: SampleRecord[], parts: Partial<RunRecord> = {}): RunResults {
  return {
    run: {
      type: "run",
      version: 1,
      runId: "100000-test",
      startedAt: "2026-11-01T10:00:00.000Z",
      suite: "quick",
      rounds: Math.max(1, ...samples.map(({ round }) => round)),
      orderSeed: 1,
      bufferPoolBytes: null,
      dataset: {
        users: 30_000,
        orders: 1_000_000,
        dormantUsers: 0,
        dataSeed: 1,
        contentHash: "0123456789abcdef0123",
        generatorVersion: 2,
      },
      paidOrders: 700_000,
      cells,
      plugIns: [],
      isFirstRoundCut: false,
      environment: {
        machine: { name: "box", cpu: "Some CPU", cores: 2, memoryBytes: 8 * 2 ** 30, kernel: "6.1", loadAverage: 0.5 },
        versions: { node: "24.21.0", mysql2: "3.24.4", nothing: null },
        gitCommit: "abcdef0123456789",
        server: {
          provider: "embedded",
          version: "9.7.4",
          binaryManifest: null,
          durability: "full",
          durabilityRisks: [],
          tls: null,
          isolation: "REPEATABLE-READ",
          variables: { sync_binlog: "1", unknown_one: null },
          rttMs: 0.08,
        },
        fsyncP50Ms: 0.09,
      },
      rtt: [],
      timeline: null,
      title: null,
      baseline: null,
      notes: [],
      gate: null,
      ...parts,
    },
    samples,
    resumptions: 0,
    end: { type: "end", endedAt: "2026-11-01T10:05:00.000Z", how: "complete" },
  };
}

/** The notes about the server, without the load that other tests put on the machine. */
export const serverNotes = ({ notes }: Pick<RunRecord, "notes">): string[] =>
  notes.filter((note) => !note.startsWith("At the start of the run: the load average"));
