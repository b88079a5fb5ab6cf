import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MeasuringChild } from "../../harness/run/measuring-child.ts";
import { groupPart, matches, parseFilter } from "../../harness/plan/axes.ts";
import { findCell } from "../../harness/plan/cell-name.ts";
import { planCells } from "../../harness/plan/cells.ts";
import { PROTOCOL_VERSION } from "../../harness/protocol.ts";
import type { RunResults } from "../../harness/results/records.ts";
import { throughProxy } from "../../harness/rtt/index.ts";
import { startLatencyProxy } from "../../harness/rtt/proxy.ts";
import type { CellGroup } from "../../harness/suites/suite.ts";
import { partitionUsers, usersIn } from "../../strategies/partition.ts";
import { selectOne } from "../../lib/connection.ts";
import { listCodes } from "../strategies/cells.ts";
import { openTestJob, type TestJob } from "../support/job.ts";
import { openTestRuns, samplesOf } from "../support/run.ts";
import { isFull, variants } from "../support/full.ts";

const plugIn = (name: string): string => fileURLToPath(new URL(`../plugins/${name}.ts`, import.meta.url));

describe("the partitions of users", () => {
  it.each([
    [10, 12, 1],
    [7, 7, 6],
    [3, 100, 6],
    [30_000, 30_005, 64],
  ])("by remainder cover every user once and interleave: %i active of %i users by %i workers", (active, all, workers) => {
    const partitions = partitionUsers(active, all, { workers, split: "modulo" });
    const owners = new Map<number, number>();
    for (const { firstUserId, lastUserId, every = 1 } of partitions) {
      expect(every).toBe(partitions.length);
      for (let id = firstUserId; id <= lastUserId; id += every) owners.set(id, (owners.get(id) ?? 0) + 1);
    }
    expect([...owners.keys()].toSorted((a, b) => a - b)).toEqual(Array.from({ length: all }, (_, index) => index + 1));
    expect(new Set(owners.values())).toEqual(new Set([1]));
    expect(partitions.reduce((sum, partition) => sum + usersIn(partition), 0)).toBe(all);
    const notBegun = partitions.map((partition) => usersIn({ ...partition, lastUserId: partition.firstUserId - 1 }));
    expect(new Set(notBegun)).toEqual(new Set([0]));
  });

  it.each([
    [10, 10, 1],
    [10, 12, 3],
    [7, 7, 6],
    [30_000, 30_000, 64],
    [3, 100, 6],
  ])(
    "cover every user once, with equal numbers of active users per partition: %i active of %i users by %i workers",
    (active, all, workers) => {
      const partitions = partitionUsers(active, all, { workers, split: null });
      expect(partitions.at(0)?.firstUserId).toBe(1);
      expect(partitions.at(-1)?.lastUserId).toBe(all);
      for (const [index, partition] of partitions.entries())
        if (index > 0) expect(partition.firstUserId).toBe((partitions[index - 1]?.lastUserId ?? 0) + 1);
      const sizes = partitions.map((partition) => usersIn({ ...partition, lastUserId: Math.min(partition.lastUserId, active) }));
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      expect(Math.min(...sizes)).toBeGreaterThan(0);
    },
  );
});

/** Every technique once, each on another library, and every native variant: the work of a worker is the same for all. */
const codes = await listCodes();
const everySpread = [...Map.groupBy(codes, ({ strategy }) => strategy.id).values()].flatMap((able, index) =>
  able.filter((code, place) => place === index % able.length || code.hasNativeVariant),
);
/** One code of one library on each driver: the contract test runs every code on partitions. */
const ofEachDriver = new Set([...Map.groupBy(everySpread, ({ orm }) => orm.driver).values()].map(([first]) => first));
/** `chunked` runs on mysql2 in any case. */
const spread = variants(everySpread, (code) => ofEachDriver.has(code) && code.orm.driver !== "mysql2");

const MANY = isFull ? 6 : 2;
const byTechnique: readonly CellGroup[] = [
  {
    strategies: ["chunked"],
    orms: ["mysql2"],
    keys: ["uuidv7"],
    chunkUsers: [25],
    workers: [1, MANY],
    isolations: [isFull ? null : "read-committed"],
  },
  ...(isFull
    ? [
        { strategies: ["naive-transaction", "set-based"], workers: [6] },
        { strategies: ["chunked"], workers: [6], isolations: ["read-committed"] as const },
      ].map((group) => ({ ...group, orms: ["mysql2"], keys: ["uuidv7"], chunkUsers: [20] }))
    : []),
  ...spread.map(({ strategy, orm }) => ({
    strategies: [strategy.id],
    orms: [orm.id],
    keys: ["uuidv7"],
    chunkUsers: [20],
    workers: [2],
  })),
];
const techniques = new Set(byTechnique.flatMap(({ strategies }) => strategies));
const byConnection: CellGroup = {
  strategies: [plugIn("refuses-threads")],
  orms: ["mysql2"],
  keys: ["uuidv7"],
  chunkUsers: [25],
  workers: [2],
  parallels: isFull ? [null, "connections"] : ["connections"],
};
/** The SQL of `set-based` must leave out the users of two other workers. One other worker is enough for the plug-ins. */
const byRemainder = [
  { strategies: ["set-based"], workers: [3] },
  { strategies: [...(isFull ? ["ignores-remainder"] : []), "reads-all-users"].map(plugIn), workers: [isFull ? 3 : 2] },
].map((group): CellGroup => ({ ...group, orms: ["mysql2"], keys: ["uuidv7"], chunkUsers: [25], splits: ["modulo"] }));
const limited: CellGroup = {
  strategies: ["naive"],
  orms: ["mysql2"],
  keys: ["identity"],
  chunkUsers: [],
  workers: [isFull ? 3 : 2],
  splits: isFull ? [null, "modulo"] : ["modulo"],
  cellLimitMs: 150,
};
// test/failures/plug-ins.test.ts covers a strategy that never returns: that test takes the limit and 10 s
const FAILING = ["exits", "misses-one-coupon", ...(isFull ? ["throws-half-way", "does-not-split", "never-returns"] : [])];
const failing: CellGroup = {
  strategies: FAILING.map(plugIn),
  orms: ["mysql2"],
  keys: ["uuidv7"],
  chunkUsers: [50],
  workers: [2],
  cellLimitMs: 3_000,
};

describe("parallel workers", () => {
  let results: RunResults;
  beforeAll(async () => {
    // One run: each run opens an account and describes its plug-ins.
    await using runs = await openTestRuns("workers");
    results = await runs.run([...byTechnique, byConnection, ...byRemainder, limited, failing]);
  });

  it("together write exactly the expected rows with keys in order, for every technique, library and isolation", () => {
    expect(new Set(["mysql2", ...spread.map(({ orm }) => orm.driver)])).toEqual(new Set(codes.map(({ orm }) => orm.driver)));
    const samples = results.samples.filter(
      ({ cell }) => techniques.has(cell.strategy) && cell.split === null && cell.key === "uuidv7",
    );
    expect(samples).toHaveLength(2 + (isFull ? 3 : 0) + spread.length);
    for (const { cell, status, reason } of samples) expect([cell.id, status, reason]).toEqual([cell.id, "ok", null]);
    expect(samples.map(({ cell }) => cell.isolation)).toContain("read-committed");

    // 150 users divide into partitions of whole pages, so each worker adds only its begin and end and the last empty page
    const ofWorkers = (workers: number): number =>
      samples.find(({ cell }) => cell.strategy === "chunked" && cell.chunkUsers === 25 && cell.workers === workers)?.statements ??
      0;
    expect(ofWorkers(1)).toBeGreaterThan(0);
    expect(ofWorkers(MANY) - ofWorkers(1)).toBeGreaterThan(0);
    expect(ofWorkers(MANY) - ofWorkers(1)).toBeLessThan((MANY - 1) * 10);
  });

  it("are connections of one thread with --parallel connections, and write the same rows", () => {
    const found = samplesOf(results, "refuses-threads").map(({ cell, status, reason }) => [cell.parallel, status, reason]);
    const threads = [null, "failed", "this worker has a thread"];
    expect(new Set(found)).toEqual(new Set([...(isFull ? [threads] : []), ["connections", "ok", null]]));
  });

  it("divide the users by remainder with --split modulo, and write the same rows", () => {
    const samples = results.samples.filter(({ cell }) => cell.split === "modulo" && cell.strategy !== "naive");
    const found = samples.map(({ cell, status }) => `${cell.strategy} ${cell.split} ${status}`);
    const wrong = isFull ? ["ignores-remainder modulo failed"] : [];
    expect(found.toSorted()).toEqual([...wrong, "reads-all-users modulo ok", "set-based modulo ok"]);
  });

  it("have no such choice with one worker, and the choice has a place in names and filters", async () => {
    const group = { strategies: ["chunked"], orms: ["mysql2"], keys: ["uuidv7"], chunkUsers: [500] };
    const planned = await planCells([{ ...group, workers: [1, 6], parallels: [null, "connections"] }]);
    const name = "chunked/mysql2/uuidv7/chunk=500/workers=6/parallel=connections";
    expect(planned.map(({ cell }) => cell.id)).toEqual([
      "chunked/mysql2/uuidv7/chunk=500",
      "chunked/mysql2/uuidv7/chunk=500/workers=6",
      name,
    ]);
    const { cell } = await findCell(name);
    expect(cell).toMatchObject({ id: name, parallel: "connections" });
    expect(matches(cell, parseFilter("parallel=connections"))).toBe(true);
    expect(matches({ ...cell, parallel: null }, parseFilter("parallel=threads"))).toBe(true);
    expect(groupPart(parseFilter("parallel=threads"))).toEqual({ parallels: [null] });
    expect(() => groupPart(parseFilter("parallel=cores"))).toThrow('cannot select cells by "parallel=cores"');

    const split = await planCells([{ ...group, workers: [1, 6], splits: [null, "modulo"] }]);
    const byModulo = "chunked/mysql2/uuidv7/chunk=500/workers=6/split=modulo";
    expect(split.map(({ cell }) => cell.id)).toEqual([
      "chunked/mysql2/uuidv7/chunk=500",
      "chunked/mysql2/uuidv7/chunk=500/workers=6",
      byModulo,
    ]);
    expect((await findCell(byModulo)).cell).toMatchObject({ id: byModulo, split: "modulo" });
    expect(matches(cell, parseFilter("split=range"))).toBe(true);
    expect(groupPart(parseFilter("split=range"))).toEqual({ splits: [null] });
    expect(() => groupPart(parseFilter("split=hash"))).toThrow('cannot select cells by "split=hash"');
  });

  it("stop at the limit, each at a different user, and the harness verifies the finished users and marks the rest as an estimate", () => {
    const samples = results.samples.filter(({ cell }) => cell.strategy === "naive" && cell.key === "identity");
    expect(samples).toHaveLength(limited.splits?.length ?? 0);
    for (const sample of samples) {
      expect(sample, sample.reason ?? "").toMatchObject({ status: "timed-out", verified: true, wallMs: null, phaseMs: null });
      expect(sample.doneFraction).toBeGreaterThan(0);
      expect(sample.doneFraction).toBeLessThan(1);
      expect(sample.estimatedWallMs).toBeGreaterThan(150);
      expect(sample.reason).toMatch(/^stopped by the limit of 0.15 s with \d+\.\d % of the rows written$/);
    }
  });

  it("fail together when one worker fails or ends its thread, and a wrong result is still found", () => {
    const reasonOf = (strategy: string): string => samplesOf(results, strategy)[0]?.reason ?? "";
    expect(reasonOf("exits")).toMatch(/worker \d ended by itself \(exit code 0\)/);
    expect(reasonOf("misses-one-coupon")).toMatch(/coupon_issues_bin16: \d+ rows expected/);
    if (isFull) {
      expect(reasonOf("throws-half-way")).toMatch(/^gave up half-way$/);
      expect(reasonOf("never-returns")).toMatch(/^killed at the limit of 3 s/);
      expect(reasonOf("does-not-split")).toMatch(/cannot be split between workers/);
    }
    for (const strategy of FAILING) expect(samplesOf(results, strategy).map(({ wallMs }) => wallMs)).toEqual([null]);
  });
});

describe("the connection pools of workers", () => {
  const WORKERS = isFull ? 3 : 2;
  let job: TestJob;
  beforeAll(async () => {
    job = await openTestJob("worker_pools", { users: 30, orders: 900, dormantUsers: 0, dataSeed: 8 });
  });
  afterAll(() => job[Symbol.asyncDispose]());

  it.each(variants(["drizzle", "mariadb"], (orm) => orm === "mariadb"))(
    "are one per worker, and open before the clock starts even when the connection takes long: %s",
    async (orm) => {
      const [planned] = await planCells([
        { strategies: ["chunked"], orms: [orm], keys: ["identity"], chunkUsers: [10], workers: [WORKERS] },
      ]);
      if (planned === undefined) throw new Error("nothing was planned");
      const assignment = await job.assignment(planned, 1);
      await using proxy = await startLatencyProxy({ host: job.target.host, port: job.target.port, delayMs: 10 });
      await using child = new MeasuringChild();
      const target = throughProxy(job.target, proxy);
      child.send({ type: "prepare", protocol: PROTOCOL_VERSION, assignment: { ...assignment, target } });
      await child.waitFor("ready", null);
      const { schema, user } = job.target;
      const connections = () =>
        selectOne<{ n: number }>(
          job.admin,
          "SELECT COUNT(*) AS n FROM performance_schema.processlist WHERE USER = ? AND DB = ?",
          [user, schema],
        );
      expect((await connections()).n).toBe(WORKERS * planned.orm.defaultPoolConnections);
    },
  );
});
