/** Plug-ins that attack the process which plans, measures and verifies. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import mysql from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageVersion } from "../../lib/installed-package.ts";
import type { RunResults } from "../../harness/results/records.ts";
import { publicUrl } from "../../lib/target.ts";
import { startBench } from "../support/bench.ts";
import { openTestRuns, samplesOf, type TestRuns } from "../support/run.ts";

const plugIn = (name: string): string => fileURLToPath(new URL(`../plugins/${name}.ts`, import.meta.url));

interface Findings {
  readonly process: string;
  readonly found: readonly string[];
  /** processes above whose environment the plug-in could read */
  readonly ancestors: number;
}

type Driver = Readonly<Record<"query" | "execute", unknown>>;

function driverNow(): Driver {
  const { query, execute } = (mysql as unknown as { PromiseConnection: { prototype: Driver } }).PromiseConnection.prototype;
  return { query, execute };
}

describe("a plug-in in the process of bench", () => {
  let runs: TestRuns;
  beforeAll(async () => {
    runs = await openTestRuns("trust");
  });
  afterAll(() => runs[Symbol.asyncDispose]());

  let results: RunResults;
  let driver: readonly [before: Driver, after: Driver];
  beforeAll(async () => {
    const cell = { keys: ["identity"], chunkUsers: [100] };
    const before = driverNow();
    results = await runs.run([
      { ...cell, strategies: [plugIn("patches-the-driver")], orms: ["mysql2"] },
      { ...cell, strategies: [plugIn("does-nothing")], orms: [plugIn("reads-before-the-clock")] },
    ]);
    driver = [before, driverNow()];
  });

  it("cannot replace the driver that verifies its rows", () => {
    const [before, after] = driver;
    expect(after).toEqual(before);
    const [sample] = samplesOf(results, "patches-the-driver");
    expect(sample).toMatchObject({ status: "failed", wallMs: null, reason: expect.stringMatching(/^wrong result: badges/) });
  });

  it("is identified in the records by the hash of its file, and by the package that Node finds from there", async () => {
    const hashOf = async (name: string): Promise<string> =>
      createHash("sha256")
        .update(await readFile(plugIn(name)))
        .digest("hex");
    const version = await packageVersion("mysql2");
    const imports = { files: expect.any(Number), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) };
    const { plugIns } = results.run;
    expect(plugIns.map(({ id }) => id).toSorted()).toEqual(["does-nothing", "patches-the-driver", "reads-before-the-clock"]);
    expect(plugIns.filter(({ id }) => id !== "patches-the-driver")).toEqual([
      {
        kind: "strategy",
        id: "does-nothing",
        file: "does-nothing.ts",
        sha256: await hashOf("does-nothing"),
        imports,
        packages: [],
      },
      {
        kind: "orm",
        id: "reads-before-the-clock",
        file: "reads-before-the-clock.ts",
        sha256: await hashOf("reads-before-the-clock"),
        imports,
        packages: [{ claimed: "mysql2", name: "mysql2", version }],
      },
    ]);
  });

  it("finds no password in its environment, nor in that of bench", async () => {
    const findings = join(runs.folder, "findings");
    const out = join(runs.folder, "secrets");
    const size = ["--users", "100", "--orders", "3500", "--rounds", "1", "--format", "table"];
    const run = startBench(
      ["run", plugIn("reads-secrets"), "--orm", "mysql2", ...size, "--out", out, "--yes", "--db", publicUrl(runs.target)],
      {
        env: {
          BENCH_DATABASE_URL: "",
          BENCH_DATABASE_PASSWORD: runs.target.password,
          BENCH_API_TOKEN: "0123456789abcdef",
          BENCH_TEST_FINDINGS: findings,
        },
      },
    );
    expect(runs.target.password).not.toBe("");
    expect(await run.finished).toMatchObject({ code: 0, stdout: expect.stringContaining("1 of 1 samples verified") });
    const lines = (await readFile(findings, "utf8")).trim().split("\n");
    const seen = lines.map((line) => JSON.parse(line) as Findings);
    expect(new Set(seen.map((finding) => finding.process))).toEqual(new Set(["describe-process.ts", "child.ts"]));
    for (const { found, ancestors } of seen) {
      expect(found).toEqual([]);
      // on systems with /proc; then the parent, bench, is one of them
      if (process.platform === "linux") expect(ancestors).toBeGreaterThan(0);
    }
  });
});
