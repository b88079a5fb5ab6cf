/** `bench api run`: requests beside a batch on a small dataset, their records, and its reaction to wrong results. */
import { parse } from "csv-parse/sync";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { percentiles, storeLatencies } from "../../harness/scenario/latency.ts";
import { API_RECORDS_FILE, PHASES, readScenario, type ScenarioResults } from "../../harness/scenario/records.ts";
import { scenarioMarkdown, scenarioTable } from "../../harness/scenario/report/index.ts";
import { expectationsOf, summariseScenario, weakScenarios } from "../../harness/scenario/summary.ts";
import { arrivalAt, COUPON_OWNERS_EVERY, type TrafficSettings } from "../../harness/scenario/traffic.ts";
import { requireSound } from "../../harness/commands/api-run.ts";
import { connect, execute } from "../../lib/connection.ts";
import { listSessions } from "../../lib/sessions.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { targetUrl } from "../../lib/target.ts";
import { bench, startBench } from "../support/bench.ts";
import { testServer } from "../support/worker-server.ts";
import { until } from "./service.ts";
import { benchInProcess } from "../support/in-process.ts";
import { isFull } from "../support/full.ts";

const TRAFFIC: TrafficSettings = {
  seed: 7,
  ratePerSecond: 200,
  users: 30_000,
  dormantUsers: 70_000,
  categoryIds: [1, 2, 3, 4, 5],
  couponIds: [101, 102, 103, 104, 105],
};
const ARRIVALS = 20_000;
/** Before and after the batch of `bench api run`. */
const DURATION_MS = 600;

describe("the traffic of a scenario", () => {
  const arrivals = Array.from({ length: ARRIVALS }, (_, index) => arrivalAt(TRAFFIC, index));

  it("is equal for equal seeds, and differs for different ones", () => {
    expect(arrivalAt(TRAFFIC, 11)).toEqual(arrivals[11]);
    expect(arrivalAt({ ...TRAFFIC, seed: 8 }, 11)).not.toEqual(arrivals[11]);
  });

  it("has the requested rate, with the gaps of independent users", () => {
    const gaps = arrivals.map(({ gapMs }) => gapMs);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const spread = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
    expect(mean).toBeCloseTo(5, 0);
    // The standard deviation of an exponential distribution equals its mean.
    expect(spread / mean).toBeCloseTo(1, 1);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0);
  });

  it("has the documented fractions of reads and writes, and sends a fifth to a hundredth of the batch's users", () => {
    const fraction = (of: (arrival: (typeof arrivals)[number]) => boolean): number => arrivals.filter(of).length / ARRIVALS;
    expect(fraction(({ request }) => request.kind === "read")).toBeCloseTo(0.7, 1);
    expect(fraction(({ request }) => request.kind === "badge")).toBeCloseTo(0.15, 1);
    const counts = [...Map.groupBy(arrivals, ({ userId }) => userId).values()].map((own) => own.length);
    const hottest = counts.toSorted((a, b) => b - a).slice(0, 300);
    expect(hottest.reduce((sum, many) => sum + many, 0) / ARRIVALS).toBeGreaterThan(0.18);
    expect(arrivals.every(({ userId }) => userId >= 1 && userId <= 100_000)).toBe(true);
  });

  it("repeats writes, reuses keys and reads its own writes, each of which refers to a new write shortly before", () => {
    const kinds = Map.groupBy(arrivals, ({ request }) => request.kind);
    const writes = ["badge", "order", "redeem"].reduce((sum, kind) => sum + (kinds.get(kind as "badge")?.length ?? 0), 0);
    const [replays, reuses, reads] = (["replay", "reuse", "own-read"] as const).map((kind) => kinds.get(kind) ?? []);
    expect((replays?.length ?? 0) / writes).toBeCloseTo(0.05, 1);
    for (const some of [replays, reuses, reads]) expect(some?.length).toBeGreaterThan(30);
    for (const [index, { request, userId }] of arrivals.entries()) {
      if (!("earlier" in request)) continue;
      const { earlier } = request;
      expect(earlier.index).toBeLessThan(index);
      expect(earlier.index).toBeGreaterThan(index - 150);
      const first = arrivals[earlier.index];
      expect({ userId: first?.userId, ...first?.request }).toEqual(earlier.write);
      if (request.kind === "reuse") expect(request.instead).not.toEqual(earlier.write);
      else expect(userId).toBe(earlier.write.userId);
    }
  });

  it("redeems only for users with coupons", () => {
    const owners = arrivals.filter(({ request }) => request.kind === "redeem").map(({ userId }) => userId);
    expect(owners.length).toBeGreaterThan(500);
    expect(owners.every((userId) => userId % COUPON_OWNERS_EVERY === 0)).toBe(true);
  });
});

describe("stored latencies", () => {
  it("return the percentiles of all values within a thousandth, also over several histograms", () => {
    const values = Array.from({ length: 1_000 }, (_, index) => (index + 1) * 0.37);
    const [even, odd] = [values.filter((_, index) => index % 2 === 0), values.filter((_, index) => index % 2 === 1)];
    const found = percentiles([storeLatencies(even), storeLatencies([]), storeLatencies(odd)]);
    expect(found?.count).toBe(1_000);
    expect(found?.maxMs).toBe(370);
    expect(found?.p50Ms).toBeCloseTo(185, 0);
    expect(found?.p99Ms).toBeCloseTo(366.3, 0);
  });

  it("are null without values, and not 0", () => {
    expect(storeLatencies([])).toBeNull();
    expect(percentiles([null])).toBeNull();
  });
});

describe("bench api run", () => {
  let folder: string;
  let target: ConnectionTarget;
  let small: string[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "api-run-"));
    target = { ...(await testServer()), schema: `test_scenario_${process.pid}` };
    small = ["--users", "60", "--orders", "2000", "--dormant-users", "60", "--db", targetUrl(target), "--yes"];
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
    const connection = await connect(target, { withSchema: false });
    await execute(connection, `DROP DATABASE IF EXISTS \`${target.schema}_api_run\``);
    await connection.end();
  });

  describe("of two guards beside a batch of chunks", () => {
    let results: ScenarioResults;
    let out: string;
    let stdout: string;
    beforeAll(async () => {
      out = join(folder, "guards");
      const args = ["--guard", "none,memory-flag", "--batch-style", "chunked", "--chunk", "4", "--pause", "60"];
      // At 150 requests/s on two busy cores, requests held the last two users for 13 s, and 1,700 of 3,108 requests failed.
      const more = ["--rate", "90", "--duration", `${DURATION_MS}ms`, "--out", out];
      const ran = await benchInProcess(["api", "run", ...small, ...args, ...more]);
      expect(ran.stderr).not.toMatch(/^error/m);
      expect(ran.code).toBe(0);
      stdout = ran.stdout;
      results = await readScenario(out);
    });

    it("finds every run consistent, including the batch without requests", () => {
      expect(results.how).toBe("complete");
      expect(results.samples.map(({ variant }) => variant.id).toSorted()).toEqual(
        results.scenario.variants.map(({ id }) => id).toSorted(),
      );
      expect(results.samples).toHaveLength(3);
      for (const { verdict, status } of results.samples) {
        expect(status).toBe("ok");
        expect(verdict?.consistent).toBe(true);
        expect(verdict?.rules).toHaveLength(14);
      }
      const guarded = results.samples.filter(({ variant }) => variant.guard !== null);
      expect(guarded.every(({ verdict }) => (verdict?.writes ?? 0) > 50)).toBe(true);
    });

    it("quiesces the server before each sample, and waits equally long before the batch without requests", () => {
      for (const { quiesceMs, beforeBatchMs } of results.samples) {
        expect(quiesceMs).toBeGreaterThan(0);
        // The warm-up and the phase before the batch each last as long as --duration.
        expect(beforeBatchMs).toBeGreaterThanOrEqual(2 * DURATION_MS);
      }
      expect(scenarioMarkdown(results)).toContain("a batch without requests starts after the same wait");
      const before = results.samples.map((sample) => ({ ...sample, beforeBatchMs: null }));
      expect(scenarioMarkdown({ ...results, samples: before })).toContain("a batch without requests starts at once");
    });

    it("defers writes only with the flag, and each of them takes effect", () => {
      for (const { variant, phases, acceptedEnds, untilApplied } of results.samples) {
        if (variant.guard !== "memory-flag") continue;
        const accepted = PHASES.reduce((sum, phase) => sum + (phases?.[phase].latencies.accepted?.count ?? 0), 0);
        expect(accepted).toBeGreaterThan(0);
        expect(Object.keys(acceptedEnds).filter((end) => end !== "applied" && end !== "refused")).toEqual([]);
        expect(untilApplied?.count).toBeGreaterThan(0);
        const applied = PHASES.reduce((sum, phase) => sum + (phases?.[phase].untilApplied?.count ?? 0), 0);
        // Each write that was accepted in a phase, except redemptions whose coupon was gone.
        expect(accepted - applied).toBeGreaterThanOrEqual(0);
        expect(accepted - applied).toBeLessThanOrEqual(acceptedEnds["refused"] ?? 0);
      }
    });

    it("repeats writes under their keys, whose second answer counts as no write", () => {
      const guarded = results.samples.filter(({ variant }) => variant.guard !== null);
      const replayed = guarded.flatMap(({ phases }) => PHASES.map((each) => phases?.[each].latencies.replayed?.count ?? 0));
      expect(replayed.reduce((sum, many) => sum + many, 0)).toBeGreaterThan(0);
      for (const { phases } of guarded)
        for (const each of PHASES) {
          expect(phases?.[each].generatorLate?.maxMs).toBeGreaterThanOrEqual(0);
          expect(Object.keys(phases?.[each].failures ?? {}).filter((kind) => kind.startsWith("reuse/reuse"))).toEqual([]);
        }
      expect(results.scenario.clientRetries).toBe(2);
    });

    it("reports the users of the batch, their time, and its slow-down beside requests", () => {
      for (const summary of summariseScenario(results)) {
        expect(summary.ownedUsers?.count).toBeGreaterThan(40);
        if (summary.variant.guard !== null) expect(summary.slowDown).toBeGreaterThan(0);
      }
    });

    it("compares the flag with no guard, and reports where the scenario is too weak", () => {
      const summaries = summariseScenario(results);
      expect(expectationsOf(summaries).map(({ batch }) => batch)).toContain("chunked 4 + 60 ms");
      const unguarded = results.samples.find(({ variant }) => variant.guard === "none");
      const isWeak = unguarded?.phases?.during.latencies.failed === null;
      expect(weakScenarios(summaries)).toEqual(isWeak ? ["chunked 4 + 60 ms"] : []);
      const markdown = scenarioMarkdown(results);
      expect(markdown.includes("chunked 4 + 60 ms: no request failed")).toBe(isWeak);
      expect(markdown).toContain("-98.1 % (the origin states 96 %)");
    });

    it("writes a row of CSV per variant, phase and outcome, and a table that fits a terminal", async () => {
      const rows = parse(await readFile(join(out, "api.csv"), "utf8"), { columns: true }) as Record<string, string>[];
      expect(rows).toHaveLength(3 * 3 * 6);
      const reads = rows.filter((row) => row["outcome"] === "read" && row["phase"] === "before" && row["guard"] !== "");
      expect(reads).toHaveLength(2);
      for (const row of reads) expect(Number(row["p99_ms"])).toBeGreaterThanOrEqual(Number(row["p50_ms"]));
      expect(await readFile(join(out, "api.svg"), "utf8")).toMatch(/^<svg/);
      for (const line of stdout.split("\n").filter((text) => !text.includes(folder))) expect(line.length).toBeLessThanOrEqual(80);
    });

    it("is rendered again from its records with the same result", async () => {
      const before = await readFile(join(out, "api.md"), "utf8");
      await writeFile(join(out, "api.md"), "");
      const { code, stdout: again } = await benchInProcess(["report", out, "--out", out]);
      expect(code).toBe(0);
      expect(await readFile(join(out, "api.md"), "utf8")).toBe(before);
      expect(again).toContain(scenarioTable(results, false).split("\n").at(-1));
    });

    it("reads the complete records of a truncated file, and refuses records of a newer version", async () => {
      const lines = (await readFile(join(out, API_RECORDS_FILE), "utf8")).trimEnd().split("\n");
      const cut = await mkdtemp(join(folder, "cut-"));
      await writeFile(join(cut, API_RECORDS_FILE), `${lines.slice(0, 2).join("\n")}\n${lines[2]?.slice(0, 50) ?? ""}`);
      const left = await readScenario(cut);
      expect(left.samples).toHaveLength(1);
      expect(left.how).toBeNull();
      expect(scenarioMarkdown(left)).toContain("did not finish");
      await writeFile(join(cut, API_RECORDS_FILE), `${(lines[0] ?? "").replace(/"version":\d+/, '"version":99')}\n`);
      await expect(readScenario(cut)).rejects.toThrow(/format 99 is newer/);
    });

    it("exits 3 after a lost or overwritten write, and 1 after a failed sample", () => {
      expect(() => requireSound(results)).not.toThrow();
      const [first, ...rest] = results.samples;
      if (first?.verdict == null) throw new Error("no verdict");
      const conflict = { rule: "badges-final", says: "a badge shows the last word", count: 2, examples: ["badge 1 of user 7"] };
      const broken = { ...first, verdict: { ...first.verdict, consistent: false, conflicts: [conflict] } };
      const found = { ...results, samples: [broken, ...rest] };
      expect(() => requireSound(found)).toThrow(expect.objectContaining({ code: "INCONSISTENT", exitCode: 3 }));
      expect(scenarioMarkdown(found)).toContain('2 violations of "a badge shows the last word", for example badge 1 of user 7');
      const failed = { ...results, samples: [{ ...first, status: "failed" as const, reason: "no" }, ...rest] };
      expect(() => requireSound(failed)).toThrow(expect.objectContaining({ code: "SCENARIO_FAILED", exitCode: 1 }));
    });
  });

  it.runIf(isFull)(
    "shows that a long batch without a guard exhausts a small pool, and reports the reasons of failed requests",
    async () => {
      const out = join(folder, "drained");
      const args = ["--guard", "none", "--connections", "2", "--pool-wait", "50ms", "--rate", "150", "--duration", "300ms"];
      const { code } = await bench(["api", "run", ...small, ...args, "--out", out]);
      expect(code).toBe(0);
      const results = await readScenario(out);
      const during = results.samples.find(({ variant }) => variant.guard === "none")?.phases?.during;
      expect(Object.keys(during?.failures ?? {}).join()).toMatch(/\b(badge|order|redeem)\/pool-timeout\b/);
      expect(during?.latencies.failed?.count).toBe(Object.values(during?.failures ?? {}).reduce((sum, many) => sum + many, 0));
      const [batchOnly] = summariseScenario(results);
      expect(batchOnly?.variant.guard).toBeNull();
      expect(batchOnly?.mostRowsLocked).toBeGreaterThan(40);
    },
  );

  it.runIf(isFull)("runs techniques of the project as the batch and reports the harm of each", async () => {
    const out = join(folder, "techniques");
    const args = ["--guard", "none", "--strategy", "set-based", "--rate", "100", "--duration", "200ms", "--json"];
    const { code, stdout, stderr } = await bench(["api", "run", ...small, ...args, "--out", out]);
    expect(stderr).not.toMatch(/^error/m);
    expect(code).toBe(0);
    const markdown = await readFile(join(out, "api.md"), "utf8");
    expect(markdown).toContain("## Effect on requests");
    expect(markdown).toMatch(/\| set-based\/mysql2 \| none \|/);
    expect(JSON.parse(stdout)).toMatchObject({ how: "complete", variants: [{ failed: 0 }, { variant: { guard: "none" } }] });
    expect(stderr).toMatch(/^Results: /m);
  });

  it.runIf(isFull)("keeps its samples after Ctrl-C, and leaves no process and no session", async () => {
    const out = join(folder, "stopped");
    const running = startBench(["api", "run", ...small, "--guard", "none", "--duration", "5s", "--out", out]);
    const connection = await connect(target, { withSchema: false });
    const sessions = async () => (await listSessions(connection)).filter(({ schema }) => schema === `${target.schema}_api_run`);
    await until("requests in flight", async () => (await sessions()).length > 8);
    running.process.kill("SIGINT");
    const { code, stderr } = await running.finished;
    expect(stderr).toContain("INTERRUPTED");
    expect(code).toBe(130);
    expect((await readScenario(out)).how).toBe("interrupted");
    await until("no session in the schema", async () => (await sessions()).length === 0);
    await connection.end();
  });

  it("exits 2 before it connects when an option is invalid", async () => {
    const nowhere = ["api", "run", "--db", "mysql://nobody:secret@127.0.0.1:1/none", "--out", join(folder, "nowhere")];
    for (const [args, said] of [
      [["--guard", "none,memory-flg"], /UNKNOWN_NAME: no guard is named "memory-flg"\n.*did you mean memory-flag/],
      [["--orm", "mysql2"], /--orm mysql2 needs --strategy/],
      [["--workers", "1,6"], /--workers 1,6 needs --strategy/],
      [["--strategy", "chunked", "--split", "modulo"], /--split changes nothing with one worker\n.*add --workers 6/],
      [["--strategy", "unit-of-work", "--orm", "knex"], /no cell can run: knex offers no unit-of-work/],
      [["--strategy", "chunkd"], /UNKNOWN_NAME.*chunkd/],
      [["--batch-style", "short"], /"short" is not one of long, chunked/],
    ] as const) {
      const { code, stderr } = await benchInProcess([...nowhere, ...args]);
      expect(stderr).toMatch(said);
      expect(code).toBe(2);
    }
    const { code, stderr } = await benchInProcess(nowhere);
    expect(stderr).toMatch(/CONNECT_REFUSED/);
    expect(stderr).not.toContain("secret");
    expect(code).toBe(1);
    expect(await readdir(folder)).not.toContain("nowhere");
  });
});
