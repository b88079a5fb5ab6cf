import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { median } from "../../harness/statistics/quantiles.ts";
import { readRecords } from "../../harness/results/records.ts";
import { targetUrl } from "../../lib/target.ts";
import { bench, type Finished } from "../support/bench.ts";
import { ADDED_MS } from "../plugins/slow-chunked.ts";
import { openTestRuns, type TestRuns } from "../support/run.ts";
import { copyProject, PROJECT, type Tree } from "../support/trees.ts";
import { execute } from "../examples/project.ts";
import { benchInProcess } from "../support/in-process.ts";
import { isFull } from "../support/full.ts";

const DATA = ["--users", "100", "--orders", "3500", "--chunk", "50"];
const SLOW = fileURLToPath(new URL("../plugins/slow-chunked.ts", import.meta.url));
const LIAR = fileURLToPath(new URL("../plugins/does-nothing.ts", import.meta.url));

interface Verdict {
  readonly outcome: string;
  readonly failures: string[];
  readonly remarks: string[];
  readonly compared: { statements: { change: string | null }; comparison: { ratio: number } | null }[];
}

describe("bench gate", () => {
  let runs: TestRuns;
  let tree: Tree;
  beforeAll(async () => {
    [runs, tree] = await Promise.all([openTestRuns("gate"), copyProject()]);
  });
  afterAll(async () => {
    await runs[Symbol.asyncDispose]();
    await tree[Symbol.asyncDispose]();
  });
  const gateArguments = (out: string, args: readonly string[]): string[] => [
    "gate",
    ...args,
    ...DATA,
    "--db",
    targetUrl(runs.target),
    "--yes",
    "--json",
    "--out",
    join(runs.folder, out),
  ];
  const gate = (out: string, ...args: string[]): Promise<Finished> => bench(gateArguments(out, args));
  const gateInProcess = (out: string, ...args: string[]): Promise<Finished> => benchInProcess(gateArguments(out, args));
  const verdictOf = ({ stdout }: Finished): Verdict => JSON.parse(stdout) as Verdict;

  it.runIf(isFull)("measures another checkout's code beside this tree's code in each round, and passes equal code", async () => {
    const result = await gate(
      "same",
      "chunked",
      "--orm",
      "mysql2",
      "--base",
      tree.folder,
      "--rounds",
      "2",
      "--require",
      "rss<2GB",
    );
    expect(result).toMatchObject({ code: 0, stderr: expect.stringMatching(/2 rounds cannot prove/) });
    expect(verdictOf(result)).toMatchObject({
      outcome: "inconclusive",
      failures: [],
      compared: [{ statements: { change: "same" } }],
      requirements: [{ requirement: "rss<2GB", met: true }],
    });
    const { run, samples } = await readRecords(join(runs.folder, "same/records.jsonl"));
    expect(run.cells.map(({ side }) => side)).toEqual(["base", "head"]);
    for (const round of [1, 2])
      expect(samples.filter((sample) => sample.round === round).map(({ cell }) => cell.side)).toHaveLength(2);
    expect(JSON.stringify(run)).not.toContain(runs.folder);
    // the records have the ordinary format
    const compared = await benchInProcess([
      "compare",
      join(runs.folder, "same"),
      "--base",
      "side=base",
      "--candidate",
      "side=head",
    ]);
    expect(compared).toMatchObject({ code: 0, stdout: expect.stringContaining("side=head") });
    const reported = await benchInProcess(["report", join(runs.folder, "same"), "--format", "table"]);
    expect(reported).toMatchObject({ code: 0, stdout: expect.stringMatching(/chunked \(head\)[^]*Gate passed/) });
    expect(await readFile(join(runs.folder, "same/gate.md"), "utf8")).toMatch(/^### Gate passed/);
  });

  it("fails more statements than those of another checkout, in the fewest rounds", async () => {
    const change = ["writeInChunks(context,", "writeInChunks({ ...context, chunkUsers: 2 * context.chunkUsers },"] as const;
    await tree.edit("strategies/chunked.ts", ...change);
    const result = await gateInProcess("half", "chunked", "--orm", "mysql2", "--rounds", "1", "--base", tree.folder);
    expect(result.code).toBe(3);
    expect(result.stderr).toMatch(
      /GATE_FAILED: chunked\/mysql2\/identity\/chunk=50\/side=head sends more statements: \d+, then \d+/,
    );
    expect(verdictOf(result)).toMatchObject({ outcome: "failed", compared: [{ statements: { change: "more" } }] });
    const { run, samples } = await readRecords(join(runs.folder, "half/records.jsonl"));
    expect(run.cells.map(({ side }) => side)).toEqual(["base", "head"]);
    expect(new Set(samples.map(({ cell }) => cell.side))).toEqual(new Set(["base", "head"]));
    await tree.edit("strategies/chunked.ts", change[1], change[0]);
  });

  it.runIf(isFull)("fails a tree that sends one more statement per chunk, and passes the reverse comparison", async () => {
    await tree.edit("strategies/chunked.ts", 'await phase("coupons"', 'await tx.query("SELECT 1", []);\n  await phase("coupons"');
    const args = ["chunked", "--orm", "mysql2", "--rounds", "1"];
    const more = await execute(
      process.execPath,
      [join(tree.folder, "bin/bench.cjs"), ...gateArguments("more", [...args, "--base", PROJECT])],
      {
        cwd: runs.folder,
      },
    );
    expect(more.code).toBe(3);
    expect(more.stderr).toMatch(
      /GATE_FAILED: chunked\/mysql2\/identity\/chunk=50\/side=head sends more statements: \d+, then \d+/,
    );
    expect(verdictOf(more).compared[0]?.statements.change).toBe("more");

    const fewer = await gateInProcess("fewer", ...args, "--base", tree.folder);
    expect(fewer.code).toBe(0);
    expect(verdictOf(fewer).remarks).toEqual([expect.stringMatching(/sends fewer statements/)]);
  });

  it.runIf(isFull)("exits 3 when the candidate is many times slower", async () => {
    const sides = ["--base", "strategy=chunked", "--candidate", `strategy=${SLOW}`];
    const result = await gate("slow", ...sides, "--orm", "mysql2", "--rounds", "4", "--alpha", "10%");
    expect(result).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/GATE_FAILED: slow-chunked.* times as long as chunked/),
    });
    expect(verdictOf(result)).toMatchObject({ outcome: "failed", compared: [{ verdict: "regressed" }] });
    // the verdict states the injected slow-down, not just any
    const { samples } = await readRecords(join(runs.folder, "slow/records.jsonl"));
    const times = (id: string) => samples.filter(({ cell }) => cell.strategy === id).flatMap(({ wallMs }) => wallMs ?? []);
    const [base, slow] = [times("chunked"), times("slow-chunked")];
    expect(Math.min(...slow)).toBeGreaterThanOrEqual(ADDED_MS);
    const wanted = (median(base) + ADDED_MS) / median(base);
    const found = verdictOf(result).compared[0]?.comparison?.ratio ?? Number.NaN;
    expect(Math.abs(Math.log(found / wanted))).toBeLessThan(Math.log(1.5));
  });

  // workflow.test.ts has such a gate in a process
  it.runIf(isFull)("evaluates conditions without a base, and exits 3 when one is missed", async () => {
    const result = await gateInProcess(
      "separate",
      "chunked",
      "--orm",
      "mysql2",
      "--rounds",
      "1",
      "--require",
      "wall<10min,statements<=3",
    );
    expect(result).toMatchObject({ code: 3, stderr: expect.stringMatching(/GATE_FAILED: .* violates statements<=3: \d+/) });
  });

  it.runIf(isFull)("exits 3 for an inconclusive result only on request", async () => {
    const args = ["--base", "key=identity", "--candidate", "key=uuidv7", "chunked", "--orm", "mysql2", "--rounds", "1"];
    const result = await gateInProcess("inconclusive", ...args, "--fail-on-inconclusive");
    expect(result).toMatchObject({ code: 3, stderr: expect.stringMatching(/too few rounds/) });
  });

  it("exits 1 without a verdict when a sample is wrong", async () => {
    const args = ["--base", "strategy=chunked", "--candidate", `strategy=${LIAR}`, "--orm", "mysql2", "--rounds", "1"];
    // does-nothing has no chunks: the gate compares it with set-based, which also has none
    const result = await gateInProcess("wrong", ...args.with(1, "strategy=set-based"));
    expect(result).toMatchObject({ code: 1, stderr: expect.stringMatching(/CELL_FAILED: .*no verdict/) });
    expect(verdictOf(result).outcome).toBe("broken");
  });
});
