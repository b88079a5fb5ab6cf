import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRecords } from "../../harness/results/records.ts";
import { targetUrl } from "../../lib/target.ts";
import { bench, BIN } from "../support/bench.ts";
import { openTestRuns, type TestRuns } from "../support/run.ts";
import { ESC, Screen } from "../support/screen.ts";
import { hasTerminals } from "../support/terminal.ts";
import { benchInProcess } from "../support/in-process.ts";
import { isFull } from "../support/full.ts";

const CTRL_C = "\u0003";
const COLUMNS = 80;
const COLOUR = new RegExp(`${ESC}\\[[\\d;]*m`);
const OTHER_CONTROL = new RegExp(`${ESC}\\[(?![\\d;]*m)`);
/** Drops the colour settings of the test runner and the CI service, and the variables that npm sets. */
const ENV = {
  FORCE_COLOR: undefined,
  NO_COLOR: undefined,
  CI: undefined,
  npm_command: undefined,
  TERM: "xterm-256color",
  SHELL: "/bin/sh",
};
const SMALL = ["--users", "100", "--orders", "3500", "--orm", "mysql2", "--yes"];
const LIAR = fileURLToPath(new URL("../plugins/does-nothing.ts", import.meta.url));

interface OnTerminal {
  type(text: string): void;
  shown(): string;
  readonly finished: Promise<number | null>;
}

/** A program on a terminal of 80 x 24. */
function onTerminal(program: readonly string[], env: NodeJS.ProcessEnv = {}): OnTerminal {
  const words = program.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  const child = spawn("script", ["-qefc", `stty cols ${COLUMNS} rows 24; exec ${words}`, "/dev/null"], {
    env: { ...process.env, ...ENV, ...env },
  });
  let shown = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (shown += text));
  return {
    type: (text) => void child.stdin.write(text),
    shown: () => shown,
    finished: once(child, "close").then(() => child.exitCode),
  };
}

/** The final content of the screen. */
function screenOf(shown: string): Screen {
  const screen = new Screen(COLUMNS);
  screen.write(shown);
  return screen;
}

describe("bench run", () => {
  let runs: TestRuns;
  beforeAll(async () => {
    runs = await openTestRuns("terminal");
  });
  afterAll(() => runs[Symbol.asyncDispose]());
  const arguments_ = (...args: string[]): string[] => ["run", ...args, ...SMALL, "--db", targetUrl(runs.target)];
  const runOnTerminal = (args: readonly string[], env?: NodeJS.ProcessEnv): OnTerminal =>
    onTerminal([process.execPath, BIN, ...args], env);

  describe.skipIf(!hasTerminals)("on a terminal", () => {
    it("fills in the plan row by row, erases it, and leaves the table, the results folder and the next command", async () => {
      const run = runOnTerminal(arguments_("chunked", "set-based", "--rounds", "1", "--out", join(runs.folder, "board")));
      expect(await run.finished).toBe(0);
      const shown = run.shown();
      expect(shown).toMatch(/cell \(identity, chunk=500\) +done +median/);
      expect(shown).toMatch(/> chunked\/mysql2 +0\/1 +warm-up/);
      expect(shown).toMatch(/chunked\/mysql2 +1\/1 +\d.* m?s/);
      expect(shown).toMatch(/1 of 2 samples, (about \d+ s|a few seconds) left, \d+ s so far/);
      expect(shown).toMatch(COLOUR);

      const { lines, isCursorVisible } = screenOf(shown);
      const screen = lines.join("\n");
      expect(isCursorVisible).toBe(true);
      expect(screen).not.toMatch(/(?<!and )waiting|samples, |warm-up|█|░/);
      expect(screen).toMatch(/^set-based .* 1\.00x( |$)/m);
      expect(screen).toMatch(/^\* fastest/m);
      expect(screen).toContain("2 of 2 samples verified");
      expect(screen).toMatch(/^Results: .*\/$\s+records\.jsonl, samples\.csv/m);
      expect(screen).toMatch(/^Next: bench run (set-based|chunked) /m);
    });

    it.runIf(isFull)("draws no plan and prints only the results with --quiet", async () => {
      const run = runOnTerminal(arguments_("set-based", "--quiet", "--rounds", "1", "--out", join(runs.folder, "quiet")));
      expect(await run.finished).toBe(0);
      expect(run.shown()).not.toMatch(OTHER_CONTROL);
      expect(run.shown()).not.toMatch(/samples, |Next:/);
      expect(run.shown()).toMatch(/^set-based +-? *mysql2 /m);
    });

    it("restores the cursor after Ctrl-C, shows the finished results without colours with NO_COLOR, and names the command that resumes", async () => {
      const out = join(runs.folder, "interrupted");
      const run = runOnTerminal(arguments_("set-based", "--rounds", "500", "--out", out), { NO_COLOR: "1" });
      await expect.poll(() => run.shown()).toMatch(/ 1 of 500 samples/);
      run.type(CTRL_C);
      expect(await run.finished).toBe(130);
      expect(run.shown()).not.toMatch(COLOUR);
      const { lines, isCursorVisible } = screenOf(run.shown());
      const screen = lines.join("\n");
      expect(isCursorVisible).toBe(true);
      expect(screen).toContain("stopping; interrupt again to stop at once");
      expect(screen).not.toMatch(/(?<!and )waiting|samples, |░/);
      expect(screen).toContain("The run was interrupted");
      expect(screen.replaceAll("\n", "").match(/bench run --resume /g)).toHaveLength(1);
      expect(screen).not.toContain("Next:");
      expect((await readRecords(join(out, "records.jsonl"))).end?.how).toBe("interrupted");
    });

    it.runIf(isFull)("restores the cursor when a second Ctrl-C ends the run at once", async () => {
      const run = runOnTerminal(arguments_("naive", "--rounds", "500", "--out", join(runs.folder, "twice")));
      await expect.poll(() => run.shown()).toMatch(/> naive\/mysql2.* run /);
      run.type(CTRL_C);
      await expect.poll(() => run.shown()).toContain("stopping");
      run.type(CTRL_C);
      expect(await run.finished).toBe(130);
      expect(screenOf(run.shown()).isCursorVisible).toBe(true);
    });
  });

  // test/cli/run.test.ts reads these lines of a run of two samples
  it.runIf(isFull)("writes one plain line per sample without control codes when there is no terminal", async () => {
    const { code, stdout, stderr } = await bench(
      arguments_("chunked", "set-based", "--rounds", "2", "--out", join(runs.folder, "plain")),
      { env: ENV },
    );
    expect(code).toBe(0);
    expect(stderr.match(/^\[[1-4]\/4\] (chunked|set-based)\/mysql2\/identity.* verified /gm)).toHaveLength(4);
    expect(stderr).toMatch(/^\[3\/4\] .* \((about \d+ s|a few seconds) left\)$/m);
    expect(stderr).toMatch(/^\[4\/4\] .* verified [\d.]+ m?s$/m);
    expect(stdout + stderr).not.toContain("\u001b");
  });

  it.runIf(isFull)("reports a failed cell once, at its failure, and names the command that examines it", async () => {
    const { code, stderr } = await bench(arguments_(LIAR, "--rounds", "2", "--out", join(runs.folder, "liar")), { env: ENV });
    expect(code).toBe(1);
    expect(stderr.match(/^warning: \[1\/2\] does-nothing\/.* failed: wrong result/gm)).toHaveLength(1);
    expect(stderr).toMatch(/^Next: bench trace \S*does-nothing\.ts --orm mysql2 --db mysql:\S+$/m);
    expect(stderr.indexOf("Next:")).toBeLessThan(stderr.indexOf("CELL_FAILED"));
  });

  it.runIf(isFull)(
    "prints only the summary with --json, and the table to standard error, or only warnings with --quiet",
    async () => {
      const out = join(runs.folder, "json");
      const { code, stdout, stderr } = await bench(
        arguments_("chunked", "--rounds", "1", "--json", "--format", "table,json", "--out", out),
        {
          env: ENV,
        },
      );
      expect(code).toBe(0);
      expect(stdout).toBe(await readFile(join(out, "summary.json"), "utf8"));
      expect(JSON.parse(stdout)).toMatchObject({ run: { rounds: 1 }, cells: [{ status: "ok", cell: { strategy: "chunked" } }] });
      expect(stderr).toMatch(/^technique /m);
      expect(stderr).toMatch(/^Results: /m);

      const reported = await benchInProcess(["report", out, "--json", "--quiet"], ENV);
      expect(reported).toEqual({ code: 0, stdout, stderr: "" });
      const quiet = await bench(
        arguments_("chunked", "--rounds", "1", "--json", "-q", "--out", join(runs.folder, "json-quiet")),
        {
          env: ENV,
        },
      );
      expect(JSON.parse(quiet.stdout)).toMatchObject({ cells: [{ status: "ok" }] });
      expect(quiet.stderr).toMatch(/^(warning: .*\n)*$/);
    },
  );

  it.runIf(isFull)("keeps standard output clean with --json when a cell fails or the arguments are wrong", async () => {
    const failed = await bench(arguments_(LIAR, "--rounds", "1", "--json", "--out", join(runs.folder, "json-failed")));
    expect(failed.code).toBe(1);
    expect(JSON.parse(failed.stdout)).toMatchObject({ cells: [{ status: "failed" }] });
    expect(await bench(["run", "nave", "--json"])).toMatchObject({ code: 2, stdout: "" });
  });

  it.runIf(isFull)("prints a coloured table without a terminal when FORCE_COLOR is set", async () => {
    const out = join(runs.folder, "board");
    const forced = await bench(["report", out, "--format", "table"], { env: { ...ENV, FORCE_COLOR: "1" } });
    expect(forced.stdout).toMatch(COLOUR);
    expect((await bench(["report", out, "--format", "table"], { env: ENV })).stdout).not.toContain("\u001b");
  });
});

describe("JSON output", () => {
  it("lists every name with the fields that programs need", async () => {
    const { stdout } = await benchInProcess(["list", "--json"]);
    const lists = JSON.parse(stdout) as Record<string, { id: string }[]>;
    expect(Object.keys(lists)).toEqual(["strategies", "presets", "orms", "keys", "suites", "formats", "cells"]);
    expect(lists["orms"]?.find(({ id }) => id === "mysql2")).toMatchObject({
      class: "raw",
      driver: "mysql2",
      version: expect.stringMatching(/^\d/),
    });
    expect(Object.keys(JSON.parse((await benchInProcess(["list", "keys", "--json"])).stdout) as object)).toEqual(["keys"]);
  });

  it("contains the plan without connecting", async () => {
    const { stdout } = await benchInProcess(["run", "--suite", "quick", "--dry-run", "--json"]);
    const plan = JSON.parse(stdout) as { rounds: number; cells: { id: string; limitMs: number | null }[] };
    expect(plan).toMatchObject({ suite: "quick", rounds: 1 });
    expect(plan.cells).toHaveLength(13);
    expect(plan.cells.find(({ id }) => id.startsWith("naive/"))?.limitMs).toBe(8_000);
  });
});

describe.skipIf(!hasTerminals)("a progress line on a terminal", () => {
  it("restores the cursor when Ctrl-C ends a process without a signal handler", async () => {
    const log = new URL("../../lib/log.ts", import.meta.url).href;
    const code = `const { createLog } = await import(${JSON.stringify(log)});
      createLog().progress("waiting for the end", 10, "steps").update(5);
      setInterval(() => {}, 1000);`;
    const run = onTerminal([process.execPath, "--input-type=module", "--eval", code]);
    await expect.poll(() => run.shown()).toContain("waiting for the end  50 %");
    expect(screenOf(run.shown()).isCursorVisible).toBe(false);
    run.type(CTRL_C);
    expect(await run.finished).toBe(130);
    const { isCursorVisible, lines } = screenOf(run.shown());
    expect(isCursorVisible).toBe(true);
    expect(lines.join("")).not.toContain("waiting for the end");
  });
});
