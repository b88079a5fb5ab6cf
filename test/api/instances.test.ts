/** `bench api run --instances`: the same batch on one and on two instances behind a real nginx, with requests. */
import { parse } from "csv-parse/sync";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readScenario, type ScenarioResults } from "../../harness/scenario/records.ts";
import { connect, execute } from "../../lib/connection.ts";
import { targetUrl } from "../../lib/target.ts";
import { testServer } from "../support/database.ts";
import { benchInProcess } from "../support/in-process.ts";

const SMALL = ["--users", "200", "--orders", "4000", "--dormant-users", "50", "--rate", "40", "--duration", "500ms"];

describe("a batch on several instances", () => {
  const target = { ...testServer(), schema: "test_instances" };
  let folder: string;
  let results: ScenarioResults;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "instances-"));
    const own = ["--instances", "1,2", "--guard", "memory-flag", "--chunk", "10", "--pause", "20ms", "--yes"];
    const ended = await benchInProcess(["api", "run", ...SMALL, ...own, "--db", targetUrl(target), "--out", join(folder, "run")]);
    expect(ended).toMatchObject({ code: 0 });
    results = await readScenario(join(folder, "run"));
  });
  afterAll(async () => {
    const connection = await connect(target, { withSchema: false });
    await execute(connection, "DROP DATABASE IF EXISTS test_instances_api_run");
    await connection.end();
    await rm(folder, { recursive: true, force: true });
  });

  it("is consistent on each number of instances, with and without requests", () => {
    expect(results.samples.map(({ variant }) => variant.batch.instances).toSorted((a, b) => (a ?? 0) - (b ?? 0))).toEqual([
      1, 1, 2, 2,
    ]);
    for (const { status, verdict } of results.samples) expect([status, verdict?.consistent]).toEqual(["ok", true]);
  });

  it("is written by all members, and each user by one of them", () => {
    for (const { variant, cluster, targets } of results.samples) {
      expect(cluster?.members).toHaveLength(variant.batch.instances ?? 0);
      expect(cluster?.members.reduce((sum, { users }) => sum + users, 0)).toBe(targets);
    }
  });

  it("appears with its members on the page and in the CSV", async () => {
    const page = await readFile(join(folder, "run", "api.md"), "utf8");
    expect(page).toContain("## The members");
    expect(page).toMatch(/\| chunked 10 \+ 20 ms on 2 instances \| memory-flag \|.* \| 2 \|/);
    const rows = parse(await readFile(join(folder, "run", "api.csv"), "utf8"), { columns: true }) as Record<string, string>[];
    const two = rows.filter(({ instances }) => instances === "2");
    expect(two.length).toBeGreaterThan(0);
    for (const row of two) {
      expect(Number(row["member_users_min"])).toBeGreaterThan(0);
      expect(Number(row["batch_to_fewest_instances"])).toBeGreaterThan(0);
    }
  });
});

it.each([
  [["--batch-style", "long"], "--instances needs batches in the style chunked, not long"],
  [["--strategy", "chunked"], "--instances needs batches in the style chunked, not techniques"],
])("refuses instances for batches that one process runs: %s", async (args, message) => {
  const { code, stderr } = await benchInProcess(["api", "run", "--instances", "2", ...args]);
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});

it.each(["0", "11", "two"])("refuses %s instances", async (count) => {
  expect(await benchInProcess(["api", "run", "--instances", count])).toMatchObject({ code: 2 });
});
