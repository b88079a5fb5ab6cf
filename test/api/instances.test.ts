/** `bench api run --instances`: the same batch on two instances behind a real nginx, with a third one in the middle, with requests. */
import { Command } from "commander";
import { parse } from "csv-parse/sync";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDisturbanceOptions, disturbancesFor } from "../../harness/commands/disturbance-options.ts";
import { readScenario, type ScenarioResults } from "../../harness/scenario/records.ts";
import { connect, execute } from "../../lib/connection.ts";
import { targetUrl } from "../../lib/target.ts";
import { isFull } from "../support/full.ts";
import { benchInProcess } from "../support/in-process.ts";
import { testServer } from "../support/worker-server.ts";

const SMALL = ["--users", "60", "--orders", "1200", "--dormant-users", "30", "--rate", "40", "--duration", "300ms"];

const target = { ...(await testServer()), schema: "test_instances" };

describe("a batch on several instances", () => {
  let folder: string;
  let results: ScenarioResults;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "instances-"));
    const own = ["--instances", "2", "--scale-at", "30%:3", "--guard", "memory-flag", "--chunk", "3", "--pause", "50ms", "--yes"];
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

  it("is consistent with and without requests, and while an instance joins", () => {
    const counts = results.samples.map(({ variant }) => variant.batch.instances ?? 0).toSorted((a, b) => a - b);
    expect(counts).toEqual([2, 2, 2]);
    for (const { status, verdict } of results.samples) expect([status, verdict?.consistent]).toEqual(["ok", true]);
  });

  it("is written by all members, and each user by one of them", () => {
    for (const { variant, cluster, targets } of results.samples) {
      const { instances, disturbance } = variant.batch;
      // On a busy machine the batch may end while another instance starts.
      if (disturbance === null) expect(cluster?.members).toHaveLength(instances ?? 0);
      else expect(cluster?.disturbance?.atMs).toBeGreaterThan(0);
      expect(cluster?.members.reduce((sum, { users }) => sum + users, 0)).toBe(targets);
    }
  });

  it("measures statements per round, the lag of hints, and the time from a round to the effect of a deferred write", () => {
    for (const { variant, cluster } of results.samples) {
      const members = cluster?.members.length ?? 0;
      // The reading before, BEGIN, fence, lock, markers, badges, overrides, up to four grades and their rows, step, COMMIT.
      expect(cluster?.statementsPerRound).toBeGreaterThan(9);
      expect(cluster?.statementsPerRound).toBeLessThan(18);
      if (members > 1 && variant.guard !== null) expect(cluster?.hintLagP99AtMostMs).toBeLessThan(10_001);
    }
  });

  it("appears with its members on the page and in the CSV", async () => {
    const page = await readFile(join(folder, "run", "api.md"), "utf8");
    expect(page).toContain("## The members");
    expect(page).toMatch(/\| chunked 3 \+ 50 ms on 2 instances \| memory-flag \|.* \| 2 \|/);
    const rows = parse(await readFile(join(folder, "run", "api.csv"), "utf8"), { columns: true }) as Record<string, string>[];
    const two = rows.filter(({ instances }) => instances === "2");
    expect(two.length).toBeGreaterThan(0);
    for (const row of two) {
      expect(Number(row["member_users_min"])).toBeGreaterThan(0);
    }
  });
});

it.runIf(isFull)("shows when the rows of an instance are free that sleeps inside of a round", async () => {
  const target = { ...(await testServer()), schema: "test_asleep" };
  const folder = await mkdtemp(join(tmpdir(), "asleep-"));
  // The batch takes seconds, and its members are nearly always inside of a round.
  const size = ["--users", "1000", "--orders", "20000", "--dormant-users", "50", "--rate", "40", "--duration", "500ms"];
  const own = ["--instances", "3", "--pause-at", "30%", "--guard", "none", "--chunk", "5", "--yes", "--db", targetUrl(target)];
  const { code } = await benchInProcess(["api", "run", ...size, ...own, "--out", join(folder, "run")]);
  const { samples } = await readScenario(join(folder, "run"));
  const connection = await connect(target, { withSchema: false });
  await execute(connection, "DROP DATABASE IF EXISTS test_asleep_api_run");
  await connection.end();
  await rm(folder, { recursive: true, force: true });
  expect(code).toBe(0);
  const [asleep] = samples.filter(({ variant }) => variant.batch.disturbance !== null);
  expect(asleep?.verdict?.consistent).toBe(true);
  // The server ends a session that is silent for 5 s; another member writes the users afterwards.
  expect(asleep?.cluster?.disturbance?.rowsFreeMs).toBeGreaterThan(4_500);
  expect(asleep?.cluster?.disturbance?.lastCommitMs).toBeGreaterThan(4_500);
});

it.each([
  [["--batch-style", "long"], "--instances needs batches in the style chunked, not long"],
  [["--strategy", "chunked"], "--instances needs batches in the style chunked, not techniques"],
])("refuses instances for batches that one process runs: %s", async (args, message) => {
  const { code, stderr } = await benchInProcess(["api", "run", "--instances", "2", ...args]);
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});

it.each([
  [["--kill-at", "50%"], "--kill-at changes nothing without --instances\n  fix: add --instances of 2 or more"],
  [
    ["--instances", "1", "--pause-at", "50%"],
    "--pause-at changes nothing with --instances 1\n  fix: add --instances of 2 or more",
  ],
  [
    ["--instances", "4", "--scale-at", "50%:4"],
    "--scale-at changes nothing with --instances 4\n  fix: add --instances with another number",
  ],
  [["--instances", "2", "--scale-at", "50%"], '"50%" is not a part of the users and a number such as 50%:4.'],
  [["--instances", "2", "--kill-at", "50%:2"], '"50%:2" is not a part such as 50%.'],
  [["--instances", "2", "--kill-at", "100%"], "It must be from 1 to 99 percent, not 100%."],
])("refuses a disturbance that could not happen: %s", async (args, message) => {
  const { code, stderr } = await benchInProcess(["api", "run", ...args]);
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});

it("measures each change of the instances, separated by commas or by a repeated option", () => {
  const command = addDisturbanceOptions(new Command());
  command.parse(["--scale-at", "50%:4", "--scale-at", "60%:5,70%:2"], { from: "user" });
  expect(disturbancesFor(command.opts(), [3])(3)).toEqual([
    null,
    { kind: "scale", at: 0.5, to: 4 },
    { kind: "scale", at: 0.6, to: 5 },
    { kind: "scale", at: 0.7, to: 2 },
  ]);
});

it.each(["0", "11", "two"])("refuses %s instances", async (count) => {
  expect(await benchInProcess(["api", "run", "--instances", count])).toMatchObject({ code: 2 });
});
