import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bisect, type Bench, type Found } from "../../harness/bisect/bisect.ts";
import { newProgress, readProgress, saveProgress, type BisectRequest } from "../../harness/bisect/progress.ts";
import { foundText } from "../../harness/bisect/report.ts";
import type { Step } from "../../harness/bisect/steps.ts";
import type { PlannedCell } from "../../harness/plan/planned-cell.ts";
import type { RunResults } from "../../harness/results/records.ts";
import { benchOn } from "../../harness/commands/bisect-bench.ts";
import { openBaseTree } from "../../harness/gate/base.ts";
import { silentLog } from "../../lib/log.ts";
import { isFull } from "../support/full.ts";
import { benchInProcess } from "../support/in-process.ts";
import { recordedCell, recordedRun, recordedSample, wrong } from "../support/records.ts";
import { openTestRuns, type TestRuns } from "../support/run.ts";
import { copyProject, PROJECT, type Tree } from "../support/trees.ts";

const step = (label: string, subject: string | null = null): Step => ({ id: label, label, subject });

const request = (steps: readonly Step[], parts: Partial<BisectRequest> = {}): BisectRequest => ({
  package: null,
  cell: { strategy: "chunked", orm: "mysql2", key: "identity", chunkUsers: 50, workers: 1, parallel: null, split: null },
  dataset: { users: 100, orders: 3_500, dormantUsers: 0, dataSeed: 1 },
  rounds: 7,
  threshold: 0.05,
  alpha: 0.01,
  steps: [...steps],
  ...parts,
});

describe("a search over trees of the project", () => {
  let runs: TestRuns;
  let empty: string;
  const trees = new Map<string, Pick<Tree, "folder">>([["as it is", { folder: PROJECT }]]);
  const copies: Tree[] = [];
  const copy = async (name: string, piece: string, by: string): Promise<void> => {
    const tree = await copyProject();
    copies.push(tree);
    await tree.edit("strategies/chunked.ts", piece, by);
    trees.set(name, tree);
  };
  beforeAll(async () => {
    runs = await openTestRuns("bisect");
    empty = await mkdtemp(join(tmpdir(), "bench-no-tree-"));
    await copy(
      "more statements",
      'await tx.insertMany("gradeLogs", gradeLogsOf(pending));',
      'for (const row of gradeLogsOf(pending)) await tx.insertMany("gradeLogs", [row]);',
    );
    if (isFull)
      await copy(
        "slower",
        'await phase("badges", () =>',
        'await new Promise((done) => setTimeout(done, 250));\n  await phase("badges", () =>',
      );
  });
  afterAll(async () => {
    for (const tree of copies) await tree[Symbol.asyncDispose]();
    await rm(empty, { recursive: true });
    await runs[Symbol.asyncDispose]();
  });

  /** @param treeOf name of the tree of each step; a step without a tree cannot be measured */
  function search(
    name: string,
    treeOf: Readonly<Record<string, string>>,
  ): { bench: Bench; folder: string; measured: () => Promise<string[]> } {
    const folder = join(runs.folder, name);
    const bench = benchOn(newProgress(request(Object.keys(treeOf).map((label) => step(label)))), {
      folder,
      openTree: ({ label }) =>
        openBaseTree(
          { kind: "folder", folder: trees.get(treeOf[label] ?? "")?.folder ?? empty },
          { log: silentLog, signal: new AbortController().signal },
        ),
      database: { kind: "url", target: runs.target, hasPassword: true },
      yes: true,
      log: silentLog,
      signal: new AbortController().signal,
    });
    return {
      bench,
      folder,
      measured: async () => (await readdir(folder)).filter((each) => !each.startsWith("bisect.")).toSorted(),
    };
  }

  it("finds the step with more statements by one sample of each step, and continues from its saved progress", async () => {
    const treeOf = { good: "as it is", alike: "as it is", broken: "none", worse: "more statements", bad: "more statements" };
    const { bench, folder, measured } = search("statements", treeOf);
    const begun = newProgress(request(Object.keys(treeOf).map((label) => step(label))));
    await mkdir(folder);
    // ends after the first saved verdict, like Ctrl-C
    let saved = 0;
    const interrupted: Bench = {
      ...bench,
      async save(progress) {
        await bench.save(progress);
        saved += 1;
        if (saved === 2) throw new Error("interrupted");
      },
    };
    await expect(bisect(interrupted, begun)).rejects.toThrow("interrupted");
    const continued = await readProgress(folder);
    expect(continued).toMatchObject({ criterion: { kind: "statements" }, verdicts: { broken: { kind: "unusable" } } });
    const found = await bisect(bench, continued);
    expect(found).toMatchObject({ lastGood: { id: "alike" }, firstBad: { id: "worse" }, measured: 3, steps: 5 });
    expect(found.unusable.map(([{ id }]) => id)).toEqual(["broken"]);
    expect(await measured()).toEqual(["alike", "ends-statements", "worse"]);
    const text = foundText(found);
    expect(text).toMatch(
      /^The change came at the latest with worse\n {2}before: (\d+) statements \(alike\)\n {2}after: {2}\d+ statements \(insert \d+ -> \d+\)/,
    );
    expect(text).toMatch(/broken: .* contains no orm-shootout/);
  });

  it.runIf(isFull)("finds the slower step by paired rounds when the statements are equal", async () => {
    const treeOf = { good: "as it is", alike: "as it is", bad: "slower", last: "slower" };
    const { bench, folder } = search("times", treeOf);
    await mkdir(folder);
    const found = await bisect(bench, newProgress(request(Object.keys(treeOf).map((label) => step(label)))));
    expect(found).toMatchObject({
      lastGood: { id: "alike" },
      firstBad: { id: "bad" },
      criterion: { kind: "time", verdict: "regressed" },
    });
  });

  it.runIf(isFull)("says that two equal ends do not differ", async () => {
    const { bench, folder } = search("equal", { good: "as it is", bad: "as it is" });
    await mkdir(folder);
    await expect(bisect(bench, newProgress(request([step("good"), step("bad")])))).rejects.toThrow(
      /good and bad do not differ: equal statements/,
    );
  });
});

describe("the ends of a search", () => {
  const [good, bad] = ["good", "bad"].map((id) => ({ ...recordedCell({ strategy: "chunked", orm: "mysql2" }), id }));
  const steps = [step("good"), step("bad")];

  /** @param failing measurements of times whose last sample fails, from the first one on */
  function endsBench(failing: number): { bench: Bench; measured: string[] } {
    const [measured, taken] = [[] as string[], new Map<string, RunResults>()];
    let times = 0;
    return {
      measured,
      bench: {
        plan: async (_, side) => ({ cell: side === "base" ? good : bad }) as unknown as PlannedCell,
        async measure(name, _, rounds) {
          measured.push(name);
          const isFailing = rounds > 1 && ++times <= failing;
          const samples = Array.from({ length: rounds }, (_unused, index) => index + 1).flatMap((round) => [
            recordedSample(known(good), round, { wallMs: 10_000 + round, statements: 10 }),
            recordedSample(known(bad), round, {
              wallMs: 20_000 + round,
              statements: 10,
              ...(isFailing && round === rounds ? wrong("a row is missing") : {}),
            }),
          ]);
          const results = recordedRun([known(good), known(bad)], samples);
          taken.set(name, results);
          return results;
        },
        stored: async (name) => taken.get(name) ?? null,
        save: async () => {},
        say: () => {},
      },
    };
  }
  const known = (cell: typeof good) => {
    if (cell === undefined) throw new Error("there are two ends");
    return cell;
  };

  it("are measured again when a sample failed, and differ then", async () => {
    const { bench: fake, measured } = endsBench(1);
    const found = await bisect(fake, newProgress(request(steps, { rounds: 15 })));
    expect(found).toMatchObject({ firstBad: { id: "bad" }, criterion: { kind: "time", verdict: "regressed" } });
    expect(measured).toEqual(["ends-statements", "ends-times", "ends-times-again"]);
  });

  it("are no equal ends when samples fail twice, and the next start measures them again", async () => {
    const { bench: fake, measured } = endsBench(2);
    const begun = newProgress(request(steps, { rounds: 15 }));
    await expect(bisect(fake, begun)).rejects.toMatchObject({
      code: "NOTHING_MEASURED",
      message: /bad: failed: a row is missing/,
    });
    expect(await bisect(fake, begun)).toMatchObject({ criterion: { kind: "time" } });
    expect(measured).toEqual(["ends-statements", "ends-times", "ends-times-again", "ends-times-again-2"]);
  });
});

describe("bench bisect", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bench-bisect-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each<readonly [args: readonly string[], said: RegExp]>([
    [["--good", "a", "--bad", "b"], /no technique/],
    [["chunked", "--orm", "mysql2", "--bad", "HEAD"], /no --good/],
    [["chunked", "--good", "HEAD", "--bad", "HEAD"], /no library/],
    [["chunked", "--orm", "mysql2", "--good", "no-such-ref", "--bad", "HEAD"], /--good "no-such-ref" is not a commit/],
    [["chunked", "--package", "left-pad", "--good", "1.0.0", "--bad", "1.1.0"], /no library has the package left-pad/],
    [["native", "--orm", "mysql2", "--good", "HEAD", "--bad", "HEAD"], /did you mean naive/],
    [
      ["chunked", "--orm", "mysql2", "--good", "HEAD", "--bad", "HEAD", "--split", "modulo"],
      /--split modulo changes nothing with one worker\n.*add --workers 6/,
    ],
    [["chunked", "--resume", "here"], /--resume excludes a new search/],
    [["--resume", "no-such-folder"], /NOTHING_TO_RESUME: cannot continue no-such-folder/],
  ])("exits 2 before anything connects: bench bisect %j", async (args, said) => {
    const { code, stdout, stderr } = await benchInProcess(["bisect", ...args], {
      BENCH_DATABASE_URL: "mysql://nobody:hunter2@127.0.0.1:1/none",
    });
    expect(stderr).toMatch(said);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  it("continues the progress of version 1, which stored its verdicts under another name", async () => {
    const verdicts = { bbb: { kind: "bad" as const, text: "120 statements", isSure: true } };
    const criterion = { kind: "statements" as const, good: 100, bad: 120 };
    const { verdicts: _, ...older } = newProgress(request([step("aaa"), step("bbb"), step("ccc")]));
    await writeFile(join(folder, "bisect.json"), JSON.stringify({ ...older, version: 1, criterion, judged: verdicts }));
    expect(await readProgress(folder)).toMatchObject({ version: 2, criterion, verdicts });
    const { stdout } = await benchInProcess(["bisect", "--resume", folder]);
    expect(stdout).toMatch(/^The change came with bbb\n {2}before: 100 statements \(aaa\)\n {2}after: {2}120 statements/);
  });

  it("refuses a damaged progress, and continues a finished one without a server", async () => {
    await writeFile(join(folder, "bisect.json"), '{"version":1}');
    expect(await benchInProcess(["bisect", "--resume", folder])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/is not the progress/) as string,
    });
    const steps = [step("aaa", "2026-11-01 before"), step("bbb", "2026-11-02 the culprit"), step("ccc", "2026-11-03 after")];
    await saveProgress(folder, {
      ...newProgress(request(steps)),
      criterion: { kind: "time", ratio: 1.3, verdict: "regressed" },
      verdicts: { bbb: { kind: "bad", text: "1.29x the time of the good end", isSure: false } },
    });
    const text = await benchInProcess(["bisect", "--resume", folder]);
    expect(text.stdout).toMatch(
      /^The change came with bbb 2026-11-02 the culprit\n {2}before: the good end \(aaa 2026-11-01 before\)\n {2}after: {2}1\.29x/,
    );
    expect(text.stdout).toMatch(/Noise hides the proof/);
    const json = await benchInProcess(["bisect", "--resume", folder, "--json"]);
    expect(JSON.parse(json.stdout) as Found).toMatchObject({ firstBad: { id: "bbb" }, lastGood: { id: "aaa" }, measured: 1 });
  });
});
