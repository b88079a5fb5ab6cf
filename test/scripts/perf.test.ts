import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect, select } from "../../lib/connection.ts";
import { targetUrl } from "../../lib/target.ts";
import { PERF_FILE, readResults, type Measured } from "../../scripts/perf/lib/results.ts";
import type { Finished } from "../support/bench.ts";
import { isFull, variants } from "../support/full.ts";
import { openTestSchema } from "../support/database.ts";

const PERF = fileURLToPath(new URL("../../scripts/perf.ts", import.meta.url));
/** Many processes start one after another. */
const TIMEOUT_MS = 600_000;
/** 150 users and 5,000 orders. */
const TINY = ["--scale", "0.005"];

let schema: Awaited<ReturnType<typeof openTestSchema>>;
let folder: string;
beforeAll(async () => {
  schema = await openTestSchema("perf");
  folder = await mkdtemp(join(tmpdir(), "perf-test-"));
});
afterAll(async () => {
  await schema[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function perf(args: readonly string[], url: string = targetUrl(schema.target)): Promise<Finished> {
  const { promise, resolve } = Promise.withResolvers<Finished>();
  const child = execFile(
    process.execPath,
    [PERF, ...args],
    { env: { ...process.env, NODE_OPTIONS: "", BENCH_DATABASE_URL: url }, timeout: TIMEOUT_MS },
    (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
  );
  return promise;
}

const found = (measures: readonly Measured[], id: string) => measures.find((measure) => measure.id === id);

async function schemasLeft(): Promise<string[]> {
  const connection = await connect(schema.target, { withSchema: false });
  try {
    const rows = await select<{ name: string }>(
      connection,
      "SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name LIKE ?",
      [`${schema.target.schema.replaceAll("_", "\\_")}\\_%`],
    );
    return rows.map(({ name }) => name);
  } finally {
    await connection.end();
  }
}

describe("npm run perf", { timeout: TIMEOUT_MS }, () => {
  it.runIf(isFull)("writes every pair and a page of the results, and exits 0 when every limit is met", async () => {
    const out = join(folder, "met");
    const { code, stdout, stderr } = await perf([
      "reset",
      "load",
      ...TINY,
      "--pairs",
      "2",
      "--limit-factor",
      "1000",
      "--out",
      out,
    ]);
    expect(stderr).toMatch(/load: pair 2 of 2/);
    expect(code).toBe(0);

    const { measures, pairs, environment } = await readResults(join(out, PERF_FILE));
    expect(measures.map(({ id, status }) => [id, status])).toEqual([
      ["load", "met"],
      ["reset", "met"],
    ]);
    expect(pairs).toBe(2);
    expect(environment.server.durability).toBe("full");
    for (const { outcome } of measures) {
      expect(outcome?.pairs).toHaveLength(2);
      expect(outcome?.interval).toBeNull();
      for (const { base, candidate } of outcome?.pairs ?? []) expect(Math.min(base ?? 0, candidate)).toBeGreaterThan(0);
    }
    const whole = found(measures, "load")?.outcome?.parts.at(-1);
    expect(whole?.value).toBeGreaterThan(found(measures, "load")?.outcome?.value ?? Number.NaN);

    expect(stdout).toMatch(/load, generation included .* no interval: 2 pairs, 6 are needed .* met/);
    const page = await readFile(join(out, "perf.md"), "utf8");
    expect(page).toContain(environment.machine.cpu);
    expect(page).toContain("At a scale of 0.005: a trial");
    expect(await schemasLeft()).toEqual([]);
  });

  it("exits 3 when a limit is missed, with the worst comparison as the result", async () => {
    const out = join(folder, "missed");
    const ids = isFull ? ["memory", "adapters", "best-mysql2", "harness-clock"] : ["harness-clock"];
    const few = ["--orm", "mysql2", "--workers", "1", "--pairs", "1", "--limit-factor", "0.0001"];
    const { code, stdout } = await perf([...ids, ...TINY, ...few, "--out", out]);
    expect(code).toBe(3);

    const { measures } = await readResults(join(out, PERF_FILE));
    expect(measures.map(({ id, status }) => [id, status])).toEqual(ids.toSorted().map((id) => [id, "missed"]));
    const clock = found(measures, "harness-clock");
    expect(clock).toMatchObject({ unit: "ms", limit: 0.5 * 0.0001 });
    expect(clock?.outcome?.pairs.every(({ base }) => base === null)).toBe(true);
    expect(await schemasLeft()).toEqual([]);
    if (!isFull) return;
    expect(stdout).toMatch(/memory after collection.* missed/);
    const labels = (id: string) => found(measures, id)?.outcome?.parts.map(({ label }) => label);
    expect(labels("memory")).toEqual(["loader", "chunked/mysql2"]);
    expect(labels("adapters")).toEqual(expect.arrayContaining(["mysql2", "mysql2: insertMany", "mysql2: badges"]));
    expect(labels("best-mysql2")?.toSorted()).toEqual([
      "case-when/mysql2/identity/chunk=500",
      "chunked/mysql2/identity/chunk=500",
    ]);
    const memory = found(measures, "memory")?.outcome;
    expect(memory?.value).toBe(Math.max(...(memory?.parts ?? []).map(({ value }) => value)));
  });

  it.runIf(isFull)("compares ten times the data with the data, and the best cell with its naive cell in full", async () => {
    const out = join(folder, "named");
    const ids = ["scale-10-time", "scale-10-memory", "naive-to-best", "best-kysely"];
    const few = ["--orm", "kysely", "--workers", "1", "--pairs", "1", "--limit-factor", "1000"];
    expect((await perf([...ids, ...TINY, ...few, "--out", out])).code).toBe(0);
    const { measures } = await readResults(join(out, PERF_FILE));
    const parts = (id: string) => found(measures, id)?.outcome?.parts ?? [];
    for (const id of ["scale-10-time", "scale-10-memory"])
      expect(parts(id).map(({ label }) => label)).toEqual(
        ["chunked", "case-when", "load-data", "set-based"].map((technique) => `${technique}/mysql2`),
      );
    // ten times the rows cannot take less than twice the time
    for (const { value } of parts("scale-10-time")) expect(value).toBeGreaterThan(2);
    expect(parts("naive-to-best").map(({ label }) => label)).toEqual([expect.stringMatching(/kysely/)]);
    expect(found(measures, "naive-to-best")?.outcome?.value).toBeLessThan(1);
    const compared = parts("best-kysely").map(({ label }) => label.split("/")[0]);
    expect(new Set(compared)).toEqual(new Set(["case-when", "chunked"]));
  });

  it.runIf(isFull)("adds a measure to earlier results with their settings, and replaces an existing measure", async () => {
    const out = join(folder, "continued");
    // the result of a run with one measure and one pair
    const met = await readResults(join(folder, "met", PERF_FILE));
    const before = { ...met, pairs: 1, measures: met.measures.filter(({ id }) => id === "reset") };
    await mkdir(out);
    await writeFile(join(out, PERF_FILE), JSON.stringify(before));
    expect((await perf(["reset", "load", "--pairs", "50", "--continue", out])).code).toBe(0);
    const after = await readResults(join(out, PERF_FILE));
    expect(after.measures.map(({ id }) => id)).toEqual(["load", "reset"]);
    expect(after).toMatchObject({ pairs: 1, scale: 0.005, startedAt: before.startedAt });
    expect(found(after.measures, "reset")?.outcome?.pairs).not.toEqual(found(before.measures, "reset")?.outcome?.pairs);

    const elsewhere = {
      ...before,
      environment: { ...before.environment, machine: { ...before.environment.machine, cores: 99 } },
    };
    await writeFile(join(out, PERF_FILE), JSON.stringify(elsewhere));
    const refused = await perf(["reset", "--continue", out]);
    expect(refused.stderr).toMatch(/RESUME_MISMATCH.* 99 cores/);
    expect(refused.code).toBe(1);
  });

  it("exits 2 before anything connects when an argument is invalid", async () => {
    const nowhere = "mysql://nobody:secret@127.0.0.1:1/none";
    const out = join(folder, "taken");
    await mkdir(out);
    await writeFile(join(out, PERF_FILE), "{}");
    const refused: readonly (readonly [args: string[], said: RegExp])[] = [
      [["lod"], /no measure is named "lod"\n.*did you mean load\?/],
      [["load", "--orm", "prism"], /no ORM is named "prism"/],
      [["load", "--pairs", "0"], /from 1 to/],
      [["load", "--out", out], /holds the results of another run/],
      [["load", "--out", out, "--continue", out], /leave --out away/],
    ];
    for (const [args, said] of variants(refused, ([args]) => args.length === 1 || args.includes("--continue"))) {
      const { code, stderr } = await perf(args, nowhere);
      expect(stderr).toMatch(said);
      expect(code).toBe(2);
    }
  });

  it("exits 1 when it cannot measure", async () => {
    const { code, stderr } = await perf(["load", "--out", join(folder, "none")], "mysql://nobody:secret@127.0.0.1:1/none");
    expect(stderr).toMatch(/CONNECT_REFUSED/);
    expect(stderr).not.toContain("secret");
    expect(code).toBe(1);
  });

  it("rejects modified results", async () => {
    const file = join(folder, "changed.json");
    await writeFile(file, '{"version":1}');
    await expect(readResults(file)).rejects.toThrow(/changed\.json/);
  });
});
