import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listPlugIns } from "../../harness/registry.ts";
import type { RunResults, SampleRecord } from "../../harness/results/records.ts";
import type { Costs } from "../../harness/results/costs-schema.ts";
import { timeSplit } from "../../harness/results/costs.ts";
import { reporter as markdown } from "../../harness/reporters/markdown.ts";
import { reporter as table } from "../../harness/reporters/table.ts";
import type { CellGroup } from "../../harness/suites/suite.ts";
import { summarise } from "../../harness/results/summary.ts";
import { isFull, variants } from "../support/full.ts";
import { expectLeastWork } from "../support/least-work.ts";
import { openTestRuns, type TestRuns } from "../support/run.ts";

const strategies = (await listPlugIns("strategy")).map(({ value }) => value);
const orms = (await listPlugIns("orm")).map(({ value }) => value);
const ormIds = orms.map(({ id }) => id);
// test/strategies/contract.test.ts covers all keys without a process per cell
const KEY = "identity";
/** The counters of these are compared. */
const COUNTED: Readonly<Record<string, readonly string[]>> = {
  mysql2: ["naive", "chunked", "set-based"],
  mariadb: ["chunked"],
  prisma: ["naive"],
};

/**
 * The counted cells, and every other ORM with one of the strategies that it can run, in turn.
 * test/strategies/contract.test.ts runs every strategy on every ORM without a process for each cell.
 */
const isRepresentative = ({ strategy, requires, orm }: (typeof everyCell)[number]): boolean => {
  const canRun = (needed: readonly string[], capabilities: ReadonlySet<string>): boolean =>
    needed.every((capability) => capabilities.has(capability));
  const index = ormIds.indexOf(orm);
  const capabilities = orms[index]?.capabilities ?? new Set<string>();
  // a skipped cell starts no process
  if (!canRun(requires, capabilities)) return true;
  const chosen = COUNTED[orm];
  if (chosen !== undefined) return chosen.includes(strategy);
  const able = strategies.filter((each) => each.roundTrips === "per-chunk" && canRun(each.requires, capabilities));
  return able[Math.floor((index * able.length) / orms.length)]?.id === strategy;
};
const everyCell = strategies.flatMap(({ id: strategy, requires }) => ormIds.map((orm) => ({ strategy, requires, orm })));
const cells = variants(everyCell, isRepresentative);

let runs: TestRuns;
let results: RunResults;
/** of the counted cells; in full tests with a second round */
let ofCounted: RunResults;
beforeAll(async () => {
  runs = await openTestRuns("matrix");
  const groupOf = (strategy: string, orm: string): CellGroup => ({
    strategies: [strategy],
    orms: [orm],
    keys: [KEY],
    chunkUsers: [50],
  });
  // a small number, because Prisma saves row by row here, and two chunks
  const dataset = { users: 45, orders: 1_600, dormantUsers: 8, dataSeed: 1 };
  results = await runs.run(
    cells.map(({ strategy, orm }) => groupOf(strategy, orm)),
    { dataset },
  );
  const groups = Object.entries(COUNTED).flatMap(([orm, ids]) => ids.map((strategy) => groupOf(strategy, orm)));
  const isCounted = ({ cell }: SampleRecord): boolean => COUNTED[cell.orm]?.includes(cell.strategy) === true;
  ofCounted = isFull
    ? await runs.run(groups, { rounds: 2, dataset })
    : { ...results, samples: results.samples.filter(isCounted) };
});
afterAll(() => runs[Symbol.asyncDispose]());

describe("a run of every strategy on every ORM", () => {
  it.each(cells)("writes exactly the expected rows or skips the cell with a reason: $strategy on $orm", ({ strategy, orm }) => {
    const sample = results.samples.find(({ cell }) => cell.strategy === strategy && cell.orm === orm);
    if (sample?.status === "skipped") {
      expect(sample.reason).toMatch(/offers no|the client generates/);
      expect(sample.verified).toBeNull();
    } else {
      expect(sample).toMatchObject({ status: "ok", verified: true, reason: null, roundTrips: null, roundTripChain: null });
      expect(sample?.wallMs).toBeGreaterThan(0);
      expect(sample?.statements).toBeGreaterThan(0);
      expect(sample?.clientCpuMs).toBeGreaterThan(0);
      expect(sample?.peakRssBytes).toBeGreaterThan(2 ** 20);
    }
  });

  it("writes and reads in each cell at least the rows of the job", () => {
    expect(expectLeastWork(results)).toBeGreaterThanOrEqual(orms.length);
  });

  it("skips exactly the cells whose strategy requires a feature that the ORM does not offer", () => {
    const skipped = results.samples
      .filter(({ status }) => status === "skipped")
      .map(({ cell }) => `${cell.strategy}/${cell.orm}`);
    const unable = strategies.flatMap(({ id, requires }) =>
      orms
        .filter(({ capabilities }) => requires.some((capability) => !capabilities.has(capability)))
        .map((orm) => `${id}/${orm.id}`),
    );
    expect(new Set(skipped)).toEqual(new Set(unable));
    expect(unable).toContain("set-based/prisma");
  });

  it("writes the same number of rows in all cells", () => {
    const written = results.samples.filter(({ status }) => status === "ok").map(({ rowsWritten }) => rowsWritten);
    expect(new Set(written).size).toBe(1);
    expect(written[0]).toBeGreaterThan(200);
  });

  it("summarises each cell with its ratio to the set-based job, and to the raw driver when that driver has the same cell", () => {
    const summaries = summarise(results).filter(({ status }) => status === "ok");
    const handWritten = new Set(summaries.filter(({ cell }) => cell.ormClass === "raw").map(({ cell }) => cell.strategy));
    expect(handWritten.size).toBeGreaterThan(isFull ? 5 : 2);
    for (const summary of summaries) {
      if (handWritten.has(summary.cell.strategy)) expect(summary.ratioToBaseline, summary.cell.id).toBeGreaterThan(0);
      else expect(summary.ratioToBaseline, summary.cell.id).toBeNull();
      expect(summary.ratioToSetBased, summary.cell.id).toBeGreaterThan(0);
      if (summary.cell.ormClass === "raw") expect(summary.ratioToOwnDriver, summary.cell.id).toBe(1);
    }
  });

  it("executes far fewer statements for chunks than row by row", () => {
    const isRun = (strategy: string, orm: string) => cells.some((cell) => cell.strategy === strategy && cell.orm === orm);
    const counted = ormIds.filter((orm) => isRun("naive", orm) && isRun("chunked", orm));
    expect(counted).toContain("mysql2");
    for (const orm of counted) {
      const statements = (strategy: string): number =>
        results.samples.find(({ cell }) => cell.strategy === strategy && cell.orm === orm)?.statements ?? Number.NaN;
      expect(statements("naive")).toBeGreaterThan(10 * statements("chunked"));
    }
  });
});

const samples = (strategy: string, orm: string): SampleRecord[] =>
  ofCounted.samples.filter(({ cell }) => cell.strategy === strategy && cell.orm === orm);
function costsOf({ costs }: SampleRecord): Costs {
  if (costs === null) throw new Error("nothing was counted");
  return costs;
}
const sum = (kinds: Costs["statementKinds"]): number => Object.values(kinds ?? {}).reduce((total, number) => total + number, 0);

describe("the server's counters of a sample", () => {
  it("add up to all statements of the process for every library and protocol", () => {
    for (const sample of ofCounted.samples) expect(sum(costsOf(sample).statementKinds), sample.cell.id).toBe(sample.statements);
  });

  it("show hidden statements: Prisma's create reads its row back inside a separate transaction", () => {
    for (const [handWritten, prisma] of samples("naive", "mysql2").map((sample, index) => [
      sample,
      samples("naive", "prisma")[index],
    ])) {
      if (handWritten === undefined || prisma === undefined) throw new Error("a sample is missing");
      const own = costsOf(handWritten).statementKinds ?? {};
      const hidden = costsOf(prisma).statementKinds ?? {};
      const { insert: inserts = 0, update: updates = 0, select: selects = 0 } = own;
      expect(hidden["insert"]).toBe(inserts);
      expect(hidden["update"]).toBe(updates);
      // the marks for start and end of the run are hand-written SQL in every library
      const [created, updated] = [inserts - 1, updates - 1];
      expect(hidden["begin"]).toBe(created + updated);
      expect(hidden["commit"]).toBe(created + updated);
      expect(hidden["select"]).toBe(selects + created + 2 * updated);
      expect(own["begin"]).toBeUndefined();
    }
  });

  it("count the prepared protocol separately: Prisma prepares and closes every statement that it executes", () => {
    for (const sample of samples("naive", "prisma")) {
      const { prepares, executions, closes } = costsOf(sample);
      expect(executions).toBeGreaterThan(100);
      expect(prepares).toBe(executions);
      expect(closes).toBe(executions);
    }
  });

  it("count the prepared statements that are open at the end: a few of a driver that keeps them, none of Prisma", () => {
    const opened = (sample: SampleRecord): number => {
      const { preparedOpenBefore, preparedOpenAtEnd } = costsOf(sample);
      return (preparedOpenAtEnd ?? Number.NaN) - (preparedOpenBefore ?? Number.NaN);
    };
    for (const sample of samples("naive", "prisma")) expect(opened(sample)).toBeLessThanOrEqual(0);
    for (const sample of samples("naive", "mysql2")) {
      expect(costsOf(sample).preparedOpenAtEnd).toBeGreaterThan(0);
      expect(opened(sample)).toBeLessThan(100);
    }
  });

  it("list the most frequent statements without values and without statements of the harness", () => {
    for (const sample of ofCounted.samples) {
      const texts = costsOf(sample).topStatements?.map(({ text }) => text) ?? [];
      expect(texts.length).toBeGreaterThan(3);
      expect(texts.join("\n")).not.toMatch(/performance_schema|SHOW|ANALYZE|_snapshot_|_expected_|'(VIP|GOLD|SILVER)'/i);
    }
    expect(costsOf(samples("naive", "mysql2")[0] as SampleRecord).topStatements?.[0]?.text).toMatch(/^EXECUTE INSERT INTO/);
  });

  it("count equal rows for equal work, and far fewer bytes when the work stays in the server", () => {
    const [naive, chunked, setBased] = [
      samples("naive", "mysql2"),
      samples("chunked", "mariadb"),
      samples("set-based", "mysql2"),
    ].map(([sample]) => costsOf(sample as SampleRecord));
    // of the whole server: in one of many runs, 6 of 363 inserted rows were not of the job
    const isNear = (a = Number.NaN, b = Number.NaN): boolean => Math.abs(a - b) <= 0.05 * b;
    expect([chunked?.rowsUpdated, naive?.rowsUpdated]).toSatisfy(([a, b]: number[]) => isNear(a, b));
    expect([chunked?.rowsInserted, naive?.rowsInserted]).toSatisfy(([a, b]: number[]) => isNear(a, b));
    expect(setBased?.bytesToServer).toBeLessThan((chunked?.bytesToServer ?? 0) / 2);
    expect(chunked?.bytesToServer).toBeLessThan(naive?.bytesToServer ?? 0);
    expect(naive?.redoFsyncs).toBeGreaterThan(10 * (chunked?.redoFsyncs ?? Number.NaN));
  });

  it("are complete on a MySQL server, and without the reads of key locality, which take seconds", () => {
    const ofLocality = ["growingRows", "leafFill", "lookupUs", "lookupPagesRead", "rangeRowsPerSecond"];
    const onlyOurs = ["pageSplits", "serverCpuMs", "parseMs", ...ofLocality];
    for (const sample of ofCounted.samples) {
      const unknown = Object.entries(costsOf(sample)).filter(([name, value]) => value === null && !onlyOurs.includes(name));
      // on an external server the longest transaction is known only when it is a new maximum
      expect(unknown.map(([name]) => name).filter((name) => name !== "longestTransactionMs")).toEqual([]);
      expect(costsOf(sample).deadlocks).toBe(0);
      for (const name of ofLocality) expect(costsOf(sample), name).toHaveProperty(name, null);
    }
    expect(ofCounted.run.notes.filter((note) => note.startsWith("Not recorded"))).toEqual([
      expect.stringMatching(/: page splits; the time of parsing; the server's CPU time\.$/),
    ]);
    expect(ofCounted.run.notes).toContainEqual(expect.stringMatching(/^Recorded in part: the longest transaction/));
  });

  it("split the time of a worker between client, server and the rest", () => {
    for (const sample of ofCounted.samples) {
      const split = timeSplit(sample);
      expect(split?.serverMs).toBeGreaterThan(0);
      expect(split?.clientMs).toBeGreaterThan(0);
      expect((split?.clientMs ?? 0) + (split?.serverMs ?? 0) + (split?.restMs ?? 0)).toBeGreaterThanOrEqual(
        (sample.wallMs ?? 0) * 0.999,
      );
    }
  });

  it("appear beside the times on the page and on the terminal", async () => {
    const page = (await markdown.files(results)).map(({ content }) => content).join("");
    expect(page).toMatch(/## Explanation of the times\n/);
    expect(page).toMatch(/naive \/ prisma \/ identity \| [\d,]+: [\d,]+ select, [\d,]+ (begin|commit)/);
    expect(page).toContain("the most frequent statements</summary>");
    const shown = table.terminal?.(results, { colour: false }) ?? "";
    expect(shown).toMatch(/client \d+ %, server \d+ %, wire and waiting \d+ %/);
    for (const line of shown.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });
});
