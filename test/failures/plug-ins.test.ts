/** Plug-ins that are invalid, that end or hang their process, or that exhaust its memory; and a clock that jumps. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRecords, type RunResults, type SampleRecord } from "../../harness/results/records.ts";
import { targetUrl } from "../../lib/target.ts";
import { isFull, variants } from "../support/full.ts";
import { openTestRuns, samplesOf, type TestRuns } from "../support/run.ts";
import { expectNoProcess, expectNothingLeft, expectOneError, runArguments, startMarked } from "./shared.ts";

const plugIn = (name: string): string => fileURLToPath(new URL(`../plugins/${name}.ts`, import.meta.url));
const chunked = pathToFileURL(fileURLToPath(new URL("../../strategies/chunked.ts", import.meta.url))).href;

/** Files that cannot be part of this tree, because its types are checked. */
const WRITTEN: Readonly<Record<string, string>> = {
  "exports-nothing": "export {};",
  "syntax-error": "export const strategy = {{",
  "throws-at-load": "throw new Error('no luck\\n    at load')",
  "missing-import": `import "./not-there.ts"; export const strategy = {};`,
  "half-a-strategy": `export const strategy = { id: "half" };`,
  "misspelled-capability": `export const strategy = { id: "miss", summary: "", requires: ["bulk-insrt"], usesChunks: true, splitsByUsers: true, run() {} };`,
  // correct code with wrong types in every place
  "type-error": `import { strategy as honest } from ${JSON.stringify(chunked)};
    const wrong: number = "text"; interface Unused { wrong: Missing }
    export const strategy: string = { ...honest, id: "type-error", run: (context: number): boolean => honest.run(context) };`,
  "calls-nothing": `import { strategy as honest } from ${JSON.stringify(chunked)};
    export const strategy = { ...honest, id: "calls-nothing", run: ({ session }) => session.insertAll([]) };`,
};

let folder: string;
const written = (name: string): string => join(folder, `${name}.ts`);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bad-plugins-"));
  for (const [name, code] of Object.entries(WRITTEN)) await writeFile(written(name), code);
});
afterAll(() => rm(folder, { recursive: true }));

const INVALID: readonly (readonly [what: string, path: () => string, said: RegExp])[] = [
  ["does not exist", () => written("not-there"), /no file .*not-there\.ts[^]*check the path/],
  ["exports nothing", () => written("exports-nothing"), /exports no `strategy` with an id[^]*export const strategy/],
  [
    "requires a capability that does not exist",
    () => written("misspelled-capability"),
    /strategy\.requires\.0 .*"bulk-insrt"; did you mean bulk-insert\?/,
  ],
  ["exports only a part of the interface", () => written("half-a-strategy"), /strategy\.\w+ is wrong[^]*the interface in/],
  ["has a syntax error", () => written("syntax-error"), /cannot load .*: [^]*fix: correct /],
  ["throws while it is loaded", () => written("throws-at-load"), /cannot load .*: no luck[^]*fix: correct line 1 of /],
  ["imports a missing file", () => written("missing-import"), /cannot load .*: .*not-there[^]*fix: correct the import in /],
  ["ends the process while it is loaded", () => plugIn("exits-while-loading"), /ended the process, or never finished loading/],
  ["never finishes loading", () => plugIn("never-loads"), /never finished loading/],
];
/** One for each place of the failure: the check of the interface, the syntax, an import, the end of the process, and no end. */
const REPRESENTATIVE = new Set(["imports a missing file", "ends the process while it is loaded", "never finishes loading"]);

describe.concurrent("an invalid plug-in", () => {
  it.each(variants(INVALID, ([what]) => REPRESENTATIVE.has(what)))(
    "is refused before anything connects when it %s",
    async (_what, path, said) => {
      const bench = startMarked(["run", path(), "--orm", "mysql2", "--db", "mysql://nobody@127.0.0.1:1/none"], {
        cwd: folder,
      });
      await expectOneError(bench, { error: "PLUGIN_INVALID", said });
    },
  );
});

describe("a run with plug-ins that fail", () => {
  let runs: TestRuns;
  beforeAll(async () => {
    runs = await openTestRuns("bad_plugins");
  });
  afterAll(() => runs[Symbol.asyncDispose]());

  /** One run of all failing plug-ins and a correct one. */
  async function runAll(name: string, failing: readonly string[], ...args: string[]): Promise<RunResults> {
    const out = join(runs.folder, name);
    // the process reaches this limit soon; the default is gigabytes
    const env = { NODE_OPTIONS: "--max-old-space-size=160" };
    const bench = startMarked(runArguments(runs.target, ...failing, "chunked", "--rounds", "1", "--out", out, ...args), { env });
    const failed = failing.length - args.filter((arg) => arg === "--cell-limit").length;
    await expectOneError(bench, {
      error: "CELL_FAILED",
      said: new RegExp(`${failed} of ${failing.length + 1} samples failed`),
      secrets: [runs.target.password],
    });
    await expectNothingLeft(runs.target);
    return readRecords(join(out, "records.jsonl"));
  }

  const sampleOf = (results: RunResults, strategy: string): SampleRecord => {
    const [sample] = samplesOf(results, strategy);
    if (sample === undefined) throw new Error(`no sample of ${strategy}`);
    return sample;
  };

  /** The reason of each failure, on one line. */
  function expectFailures(results: RunResults, reasons: Readonly<Record<string, RegExp>>): void {
    for (const [strategy, reason] of Object.entries(reasons)) {
      expect(sampleOf(results, strategy)).toMatchObject({
        status: "failed",
        wallMs: null,
        reason: expect.stringMatching(reason),
      });
      expect(sampleOf(results, strategy).reason).not.toMatch(/\n|0x/);
    }
    expect(sampleOf(results, "chunked")).toMatchObject({ status: "ok", verified: true });
    expect(results.end?.how).toBe("complete");
  }

  it("prints the reason of each failure on one line, and measures the others", async () => {
    // test/run/lying-plugins.test.ts runs the others
    const names = ["fills-memory", "crashes", "throws-a-page", ...(isFull ? ["exits", "throws-half-way"] : [])];
    const results = await runAll("separate", [...names.map(plugIn), written("calls-nothing")]);
    expectFailures(results, {
      "fills-memory": /^the measured process ran out of memory \(NODE_OPTIONS=--max-old-space-size=<MB> sets/,
      crashes: /^the measured process ended unexpectedly \(SIGABRT\)$/,
      "throws-a-page": /^Failed query: insert into coupon_issues values .{300,400}\.\.\.: Duplicate entry '7' for key 'id'$/,
      ...(isFull
        ? {
            exits: /^the measured process ended unexpectedly \(exit code 0\)$/,
            "throws-half-way": /^gave up half-way$/,
          }
        : {}),
      "calls-nothing": /^session\.insertAll is not a function$/,
    });
  });

  it.runIf(isFull)("prints the reasons with workers too, and stops a plug-in that never returns at its limit", async () => {
    // test/run/workers.test.ts covers a worker that ends or fails
    const names = ["fills-memory", ...(isFull ? ["exits", "throws-a-page"] : []), "never-returns"];
    const results = await runAll("workers", names.map(plugIn), "--workers", "3", "--cell-limit", "500ms");
    expectFailures(results, {
      "fills-memory": /out of memory/,
      ...(isFull
        ? {
            exits: /^worker \d ended by itself \(exit code 0\)$/,
            "throws-a-page": /^Failed query: .*: Duplicate entry '7' for key 'id'$/,
          }
        : {}),
    });
    expect(sampleOf(results, "never-returns")).toMatchObject({
      status: "timed-out",
      wallMs: null,
      reason: expect.stringMatching(/^killed at the limit of 0\.5 s with \d/),
    });
  });

  it("prints the reason for one user in bench trace too", async () => {
    const bench = startMarked(["trace", plugIn("throws-a-page"), "--orm", "mysql2", "--db", targetUrl(runs.target)]);
    const said = /throws-a-page\/mysql2.*: Failed query: .*: Duplicate entry '7' for key 'id'\n/;
    await expectOneError(bench, { error: "TRACE_FAILED", said, secrets: [runs.target.password] });
    await expectNothingLeft(runs.target);
  });

  it.runIf(isFull)(
    "measures a plug-in with wrong types, which Node strips, and a plug-in under a clock that jumps by hours",
    async () => {
      const out = join(runs.folder, "right");
      const plugIns = [written("type-error"), plugIn("jumps-the-clock")];
      const rounds = isFull ? 2 : 1;
      const bench = startMarked(
        runArguments(
          runs.target,
          ...plugIns,
          "chunked",
          "--rounds",
          String(rounds),
          "--key",
          "uuidv7",
          "--format",
          "table,csv,md,svg",
          "--out",
          out,
        ),
        // no plug-in is imported into the process of bench, so the test changes its clock
        { env: { NODE_OPTIONS: `--import ${pathToFileURL(plugIn("jumps-the-clock")).href}` } },
      );
      expect(await bench.finished).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`${3 * rounds} of ${3 * rounds} samples verified`),
      });
      await expectNoProcess(bench);
      await expectNothingLeft(runs.target);
      const results = await readRecords(join(out, "records.jsonl"));
      const [jumped] = samplesOf(results, "jumps-the-clock");
      const [honest] = samplesOf(results, "chunked");
      const startedAt = results.samples.map((sample) => Date.parse(sample.startedAt));
      // the wall clock of the harness did jump by hours between samples of a second
      expect(Math.max(...startedAt) - Math.min(...startedAt)).toBeGreaterThan(3_600_000);
      for (const { wallMs, quiesceMs } of results.samples) {
        expect(wallMs).toBeGreaterThan(0);
        for (const ms of [wallMs, quiesceMs]) expect(ms).toBeLessThan(120_000);
      }
      expect(jumped?.rowsWritten).toBe(honest?.rowsWritten);
    },
  );
});
