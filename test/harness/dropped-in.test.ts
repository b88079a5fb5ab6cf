/** Proves that a technique is one file and a library is one folder: the test edits no other file of the tree. */
import { cp, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRecords } from "../../harness/results/records.ts";
import { listPlugIns } from "../../harness/registry.ts";
import { targetUrl } from "../../lib/target.ts";
import { EXAMPLE, execute } from "../examples/project.ts";
import type { Finished } from "../support/bench.ts";
import { openTestRuns, type TestRuns } from "../support/run.ts";
import { copyProject, type Tree } from "../support/trees.ts";
import { isFull, variants } from "../support/full.ts";

describe("a strategy file and an ORM folder added as CONTRIBUTING describes", () => {
  let runs: TestRuns;
  let tree: Tree;
  beforeAll(async () => {
    runs = await openTestRuns("dropped");
    tree = await copyProject();
    await cp(join(EXAMPLE, "bulk-inserts.ts"), join(tree.folder, "strategies/bulk-inserts.ts"));
    await mkdir(join(tree.folder, "orms/mysql2-text"));
    await cp(join(EXAMPLE, "mysql2-text.ts"), join(tree.folder, "orms/mysql2-text/index.ts"));
  });
  afterAll(async () => {
    await tree[Symbol.asyncDispose]();
    await runs[Symbol.asyncDispose]();
  });
  const bench = (line: string, ...args: string[]): Promise<Finished> =>
    execute(process.execPath, [join(tree.folder, "bin/bench.cjs"), ...line.split(" "), ...args], { cwd: runs.folder });

  it("appear in the list, as plug-ins and as cells with all existing plug-ins", async () => {
    const { stdout } = await bench("list --json");
    const lists = JSON.parse(stdout) as Record<string, { id: string; code?: string }[]>;
    const idsOf = (kind: string): string[] => (lists[kind] ?? []).map(({ id }) => id);
    expect(idsOf("strategies")).toContain("bulk-inserts");
    expect(idsOf("orms")).toContain("mysql2-text");
    for (const orm of idsOf("orms"))
      expect(lists["cells"]).toContainEqual(
        expect.objectContaining({ id: `bulk-inserts/${orm}`, code: "strategies/bulk-inserts.ts" }),
      );
    for (const strategy of idsOf("strategies")) expect(idsOf("cells")).toContain(`${strategy}/mysql2-text`);
  });

  it.each(variants(["orms", "workers"], (suite) => suite === "orms"))(
    "join the suite %s, which compares all libraries",
    async (suite) => {
      const { stdout } = await bench(`run --suite ${suite} --dry-run --json`);
      const { cells } = JSON.parse(stdout) as { cells: { strategy: string; orm: string; skipReason: string | null }[] };
      expect(cells).toContainEqual(expect.objectContaining({ strategy: "chunked", orm: "mysql2-text", skipReason: null }));
    },
  );

  it.runIf(isFull)("run and verify by name, together with all existing plug-ins", async () => {
    const out = join(runs.folder, "out");
    const line = "run bulk-inserts chunked --orm mysql2-text,drizzle --rounds 1 --scale 0.005";
    const { code, stderr } = await bench(line, "--db", targetUrl(runs.target), "--yes", "--out", out);
    expect(code, stderr).toBe(0);
    const { samples } = await readRecords(join(out, "records.jsonl"));
    expect(samples.map(({ cell }) => `${cell.strategy}/${cell.orm}`).toSorted()).toEqual([
      "bulk-inserts/drizzle",
      "bulk-inserts/mysql2-text",
      "chunked/drizzle",
      "chunked/mysql2-text",
    ]);
    for (const sample of samples) expect(sample, sample.cell.id).toMatchObject({ status: "ok", verified: true });
  });
});

const MAX_CODE_LINES = 150;
/** The required files of a library's folder. Table declarations and optional files are not counted. */
const PARTS = ["index.ts", "session.ts", "driver.ts"];
const isCode = (line: string): boolean => !/^\s*($|\/\/|\/\*|\*)/.test(line);

it.each((await listPlugIns("orm")).map(({ url, value }) => [value.id, url] as const))(
  `a library describes itself and its session in at most ${MAX_CODE_LINES} lines of code: %s`,
  async (_id, url) => {
    const texts = await Promise.all(PARTS.map((file) => readFile(new URL(file, url), "utf8").catch(() => "")));
    const lines = texts.map((text) => text.split("\n").filter(isCode).length);
    expect(lines.filter((count) => count > 0)).toHaveLength(2);
    expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(MAX_CODE_LINES);
  },
);
