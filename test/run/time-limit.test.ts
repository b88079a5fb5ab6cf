import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRecords } from "../../harness/results/records.ts";
import { expectNoProcess, expectNothingLeft, expectOneError, runArguments, startMarked } from "../failures/shared.ts";
import { openTestRuns, type TestRuns } from "../support/run.ts";

let runs: TestRuns;
beforeAll(async () => {
  runs = await openTestRuns("time_limit");
});
afterAll(() => runs[Symbol.asyncDispose]());

describe("a run with a time limit", () => {
  it("announces its time, and fails with the option to raise when the limit leaves no sample", async () => {
    const out = join(runs.folder, "too-short");
    const bench = startMarked(runArguments(runs.target, "--suite", "quick", "--time-limit", "1ms", "--out", out));
    const { stderr } = await expectOneError(bench, {
      error: "NOTHING_MEASURED",
      said: /time limit of 1\.00 ms .*\n.*raise --time-limit/,
    });
    expect(stderr).toMatch(/^4 cells x 1 round: about \d+\.\d+ s .*\nlimit: 1\.00 ms, /m);
    await expectNothingLeft(runs.target);
  });

  it("ends with the finished samples, exit code 0 and the command for the others, and leaves no process or session", async () => {
    const take = async (seconds: number) => {
      const out = join(runs.folder, `limited-${seconds}`);
      const limit = ["--rounds", "10000", "--time-limit", `${seconds}s`];
      const bench = startMarked(runArguments(runs.target, "set-based", ...limit, "--out", out));
      const finished = await bench.finished;
      await expectNoProcess(bench);
      // on a busy machine, the load of the data takes longer than a short limit
      return finished.code === 1 && seconds < 300 ? null : { ...finished, out };
    };
    let taken = null;
    for (let seconds = 4; taken === null; seconds *= 2) taken = await take(seconds);
    expect(taken.code).toBe(0);
    expect(taken.stderr).toMatch(
      /the time limit of \d+\.\d+ (s|min) ended the run: samples are missing, and --resume measures them/,
    );
    expect(taken.stderr).toMatch(/Next: .* run --resume \S*limited-/);
    expect(taken.stdout + taken.stderr).toContain("The run was interrupted: samples are missing.");
    const { samples, end } = await readRecords(join(taken.out, "records.jsonl"));
    expect(samples.length).toBeGreaterThan(0);
    expect(samples.every(({ status }) => status === "ok")).toBe(true);
    expect(end?.how).toBe("interrupted");
    await expectNothingLeft(runs.target);
  });
});
