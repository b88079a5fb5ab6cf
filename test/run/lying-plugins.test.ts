import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunResults, SampleRecord } from "../../harness/results/records.ts";
import { summarise } from "../../harness/results/summary.ts";
import { reporter as csv } from "../../harness/reporters/csv.ts";
import type { Verdict } from "../../harness/verify/rows.ts";
import { orm as mysql2 } from "../../orms/mysql2/index.ts";
import type { OrmSession } from "../../orms/orm.ts";
import { strategy as honest } from "../../strategies/chunked.ts";
import { key } from "../../strategies/keys/uuidv7.ts";
import type { Strategy } from "../../strategies/strategy.ts";
import { isFull, variants } from "../support/full.ts";
import { openTestJob, type TestJob } from "../support/job.ts";
import { openTestRuns, samplesOf, type TestRuns } from "../support/run.ts";

const plugIn = (name: string): string => fileURLToPath(new URL(`../plugins/${name}.ts`, import.meta.url));

const DATA = { users: 150, orders: 5_000, dormantUsers: 7, dataSeed: 1 };

/** The difference that the comparison of rows must find. */
const WRONG_ROWS: readonly (readonly [plugIn: string, difference: RegExp])[] = [
  ["does-nothing", /badges: .* rows expected/],
  ["misses-one-coupon", /coupon_issues_bin16: \d+ rows expected, \d+ found; missing user_id=/],
  ["grades-one-user-wrong", /users: .*missing id=\d+ grade=VIP.*/],
  ["swaps-coupons", /coupon_issues_bin16: (\d+) rows expected, \1 found; (missing|unexpected)/],
  ["writes-to-another-run", /grade_logs_bin16: .*run_id=/],
  ["swallows-duplicate", /grade_logs_bin16|coupon_issues_bin16/],
  [
    "replaces-users",
    /users: (\d+) rows expected, \1 found; name differs in \d+ rows; created_at differs in .*unexpected id=1 .* name="" /,
  ],
  ["adds-and-deletes-users", /users: 157 rows expected, 158 found; missing id=157 .*; unexpected id=1157 .*name=nobody/],
  ["other-storage", /grade_logs_identity: 0 rows expected, 1 found; keys of the kind uuidv7 belong to grade_logs_bin16/],
  ["skips-step-log", /step_execution_log: no row for the users 1 to 157 of run \d+/],
  [
    "writes-lower-case",
    /users: (\d+) rows expected, \1 found; grade differs in \d+ rows; missing id=1 grade=VIP .*; unexpected id=1 grade=vip /,
  ],
  ["off-by-one", /badges: (\d+) rows expected, \1 found; active differs in \d+ rows/],
];

/** The reason that must reject each lie. */
const EVERY_LIE: readonly (readonly [plugIn: string, reason: RegExp])[] = [
  ...WRONG_ROWS.map(([name, { source }]) => [name, new RegExp(`^wrong result: .*(?:${source})`)] as const),
  ["returns-early", /wrong result/],
  ["throws-half-way", /^gave up half-way$/],
  ["forges-the-message", /^the measured process reported 0\.0 ms, and bench saw \d+\.\d ms .*changed the clock or the message$/],
  ["exits", /ended unexpectedly \(exit code 0\)/],
  [
    "leaves-transaction-open",
    /when the job reported its end, a transaction was still open; its last statement was: SELECT COUNT/,
  ],
  ["prepares-transaction", /a transaction was still open; its last statement was: COMMIT/],
  // a machine that delays the message lets the work begin, and then both clocks differ
  ["works-after-the-end", /^wrong result: |changed the clock or the message$/],
  ["sends-no-result", /^the measured process sent a message that bench does not accept \(measured\): /],
  ["claims-a-limit", /^the measured process reported that a limit stopped the job after [\d.]+ m?s, and the cell has no limit$/],
  [
    "ends-the-sessions-of-bench",
    /^wrong result: the session of bench in the account of the job ended: the job killed the session/,
  ],
  ["reads-the-expected-rows", /command denied to user .* for table '_expected_users'/],
];

/** A sample compares rows like the test of wrong rows. test/failures/plug-ins.test.ts has jobs that throw or end. */
const LIKE_OTHERS = new Set([...WRONG_ROWS.map(([name]) => name), "returns-early", "throws-half-way", "exits"]);
const LIES = variants(EVERY_LIE, ([name]) => name === "skips-step-log" || !LIKE_OTHERS.has(name));

/** These do the job, so their rows are right. */
const DIRTY: readonly (readonly [plugIn: string, warning: RegExp])[] = [
  [
    "retries-privately",
    /^the plug-in hid 1 deadlocks or lock waits from the retry policy: .* Wrap its transactions in context\.retry\.$/,
  ],
  ["changes-statistics", /^left behind and undone: a histogram of users\.grade$/],
  ["changes-statistics", /^left behind and undone: other statistics of the table badges/],
];

describe("wrong rows", () => {
  let job: TestJob;
  let session: OrmSession;
  beforeAll(async () => {
    job = await openTestJob("wrong_rows", DATA);
    session = await job.connect(mysql2, key.storage);
  });
  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    await job[Symbol.asyncDispose]();
  });
  const verdictOf = async (strategy: Strategy): Promise<Verdict> => {
    await job.reset();
    await strategy.run(job.context(session, key, { orm: mysql2, chunkUsers: 100 }));
    return await job.verify(key, { steps: [job.users] });
  };

  it.each(WRONG_ROWS)("of a strategy are found: %s", async (name, difference) => {
    const { strategy } = (await import(plugIn(name))) as { strategy: Strategy };
    expect(await verdictOf(strategy)).toEqual({ verified: false, difference: expect.stringMatching(difference) });
  });

  it("are not found after an honest strategy", async () => {
    expect(await verdictOf(honest)).toEqual({ verified: true });
  });
});

describe("a strategy that lies", () => {
  let runs: TestRuns;
  let results: RunResults;
  beforeAll(async () => {
    runs = await openTestRuns("lying");
    const dirty = new Set(DIRTY.map(([name]) => name));
    const names = [...LIES.map(([name]) => name), ...dirty, "forges-once", "stops-the-clock", "replaces-number"];
    const cells = { keys: ["uuidv7"], chunkUsers: [100] };
    // One run: each run opens an account and describes its plug-ins.
    results = await runs.run(
      [
        { ...cells, strategies: [...names.map(plugIn), "chunked"], orms: ["mysql2"] },
        { ...cells, strategies: ["chunked"], orms: [plugIn("keeps-the-answer")], chunkUsers: [50, 100] },
      ],
      { dataset: DATA },
    );
  });
  afterAll(() => runs[Symbol.asyncDispose]());

  const sampleOf = (strategy: string): SampleRecord => {
    const sample = samplesOf(results, strategy).find(({ cell }) => cell.orm === "mysql2");
    if (sample === undefined) throw new Error(`no sample of ${strategy}`);
    return sample;
  };

  it.each(LIES)("is caught: %s", (name, reason) => {
    const sample = sampleOf(name);
    expect(sample.status).toBe("failed");
    expect(sample.reason).toMatch(reason);
  });

  it.each(LIES)("has no time in any output: %s", async (name) => {
    expect(sampleOf(name)).toMatchObject({ wallMs: null, phaseMs: null, estimatedWallMs: null, rowsPerSecond: null });
    const summary = summarise(results).find(({ cell }) => cell.strategy === name);
    expect(summary).toMatchObject({
      status: "failed",
      medianWallMs: null,
      minWallMs: null,
      rowsPerSecond: null,
      ratioToSetBased: null,
      ratioToBaseline: null,
    });
    const samplesCsv = (await csv.files(results)).find((file) => file.name === "samples.csv")?.content ?? "";
    const row = samplesCsv.split("\n").find((line) => line.includes(`,${name},`));
    expect(row).toContain(",failed,");
  });

  it.each(DIRTY)("is verified with a warning about what it left behind or hid: %s", (name, warning) => {
    const sample = sampleOf(name);
    expect([sample.status, sample.reason]).toEqual(["ok", null]);
    expect(sample.warnings).toContainEqual(expect.stringMatching(warning));
  });

  it("leaves no prepared transaction, whose locks would stop the reset of the next sample", () => {
    const { warnings } = sampleOf("prepares-transaction");
    expect(warnings.filter((warning) => warning.startsWith("left behind and undone: a prepared XA transaction"))).toHaveLength(1);
  });

  it("cannot hide a repetition after a deadlock from the count", () => {
    expect(sampleOf("retries-privately").retries).toBe(1);
    expect(sampleOf("chunked").retries).toBe(0);
  });

  it("cannot change by which statistics the server plans later samples, and the records hold these", () => {
    // a job that threw or ended has no record of its sample beyond the reason
    const read = results.samples.filter(({ verified }) => verified !== null);
    expect(read.length).toBeGreaterThan(10);
    for (const { optimiser, cell } of read) {
      expect(optimiser, cell.strategy).toMatchObject({ badges: { rows: 785 }, users: { rows: 157 } });
      expect(optimiser?.["badges"]?.distinct["PRIMARY.user_id"], cell.strategy).toBe(157);
      expect(optimiser?.["orders"]?.distinct["orders_user_time.user_id"], cell.strategy).toBeGreaterThan(100);
    }
  });

  it("has no time after two repetitions", () => {
    const repeated = sampleOf("forges-the-message").warnings.filter((warning) => warning.startsWith("repeated: "));
    expect(repeated).toHaveLength(2);
  });

  it("does not affect the sample of an honest strategy in the same run", () => {
    expect(sampleOf("chunked")).toMatchObject({ status: "ok", verified: true });
  });

  it.each(["stops-the-clock", "replaces-number"])("cannot change its time, because the harness measures it: %s", (name) => {
    const [honest, liar] = [sampleOf("chunked"), sampleOf(name)];
    // on a crowded machine both clocks can differ by more than the tolerance, and then the sample has no time
    if (liar.status === "failed") {
      expect(liar).toMatchObject({ wallMs: null, reason: expect.stringContaining("changed the clock") });
      return;
    }
    // the same work in the same run takes far longer than the claimed thousandth
    expect(liar.wallMs).toBeGreaterThan((honest.wallMs ?? 0) / 10);
    expect(liar.outsideWallMs).toBeGreaterThanOrEqual(liar.wallMs ?? Number.POSITIVE_INFINITY);
  });

  it("is repeated when the clocks differ, and the repeated sample has a time", () => {
    const samples = samplesOf(results, "forges-once");
    expect(samples).toHaveLength(1);
    expect(samples[0]).toMatchObject({
      status: "ok",
      verified: true,
      warnings: expect.arrayContaining([
        expect.stringMatching(/^repeated: the measured process reported 0\.0 ms, and bench saw \d+\.\d ms/),
      ]),
    });
  });

  it("is caught when its library kept the sums of the orders from an earlier sample", () => {
    expect(results.samples.filter(({ cell }) => cell.orm === "keeps-the-answer")).toMatchObject([
      { status: "ok" },
      {
        status: "failed",
        wallMs: null,
        reason: expect.stringMatching(
          /^wrong result: the server read \d+ rows while the clock ran, and the job has to read \d+ paid orders$/,
        ),
      },
    ]);
  });

  // test/run/write-stop.test.ts stops such writes without a sample
  it.runIf(isFull && process.platform === "linux")(
    "is caught when another process writes the last row after the end",
    async () => {
      const { samples } = await runs.run([
        { strategies: ["chunked"], orms: [plugIn("finishes-by-a-process")], keys: ["identity"], chunkUsers: [100] },
      ]);
      expect(samples).toMatchObject([
        {
          status: "failed",
          wallMs: null,
          reason: expect.stringMatching(/^wrong result: step_execution_log: the row for the users .* has no finished_at$/),
        },
      ]);
    },
  );
});

// test/failures/plug-ins.test.ts has a plug-in that never returns, and this test waits 10 s for it too
describe.runIf(isFull)("a strategy that never returns", () => {
  it("is killed at the limit, and its finished users are verified", async () => {
    await using runs = await openTestRuns("never_returns");
    const results = await runs.run([
      { strategies: [plugIn("never-returns")], orms: ["mysql2"], keys: ["identity"], chunkUsers: [], cellLimitMs: 300 },
    ]);
    const [sample] = results.samples;
    expect(sample).toMatchObject({ status: "timed-out", wallMs: null });
    expect(sample?.reason).toMatch(/^(killed at|stopped by) the limit of 0.3 s/);
  });
});
