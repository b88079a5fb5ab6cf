/** Key locality from the command line, on a server that bench starts: only there can it copy files and resize the buffer pool. */
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readRecords } from "../../harness/results/records.ts";
import { connect, select, selectOne } from "../../lib/connection.ts";
import { bench } from "../support/bench.ts";
import { isFull } from "../support/full.ts";
import { embeddedObstacle, newInstance } from "../support/instances.ts";

const SMALL = 128 * 2 ** 20;
const DATA = ["--users", "100", "--orders", "3500"];

describe.skipIf(!isFull || (await embeddedObstacle()) !== null)("key locality on a managed server", () => {
  it("is measured with earlier rows in a small buffer pool, resumed, reproduced, and leaves the server as it was", async () => {
    await using instance = newInstance();
    // keeps the server running between the commands
    await using database = await instance.open();
    const folder = await mkdtemp(join(tmpdir(), "keys-"));
    const env = { ORM_SHOOTOUT_INSTANCE: instance.options.name, ORM_SHOOTOUT_PROFILE: "test", BENCH_DATABASE_URL: "" };
    const run = (...args: string[]) => bench([...args, "--db", "embedded"], { env });
    try {
      const out = join(folder, "whole");
      const first = await run(
        ..."run chunked --orm mysql2 --key uuidv7 --prefill 2:uuidv4 --buffer-pool 128MB --rounds 2 --out".split(" "),
        out,
        ...DATA,
      );
      expect(first.stderr).not.toMatch(/error/i);
      expect(first.code).toBe(0);
      expect(first.stdout).toContain("key locality");
      const results = await readRecords(join(out, "records.jsonl"));
      expect(results.run.bufferPoolBytes).toBe(SMALL);
      expect(results.run.environment.server.variables["innodb_buffer_pool_size"]).toBe(String(SMALL));
      for (const { status, costs } of results.samples)
        expect({ status, ...costs }).toMatchObject({
          status: "ok",
          pageSplits: expect.any(Number),
          lookupUs: expect.any(Number),
        });

      const cut = join(folder, "cut");
      await mkdir(cut);
      const lines = (await readFile(join(out, "records.jsonl"), "utf8")).trimEnd().split("\n");
      await writeFile(join(cut, "records.jsonl"), `${lines.slice(0, 2).join("\n")}\n`);
      const resumed = await run("run", "--resume", cut);
      expect(resumed.code, resumed.stderr).toBe(0);
      const again = await readRecords(join(cut, "records.jsonl"));
      expect(again.samples.map(({ status, cell }) => [status, cell.prefill])).toEqual([
        ["ok", "2:uuidv4"],
        ["ok", "2:uuidv4"],
      ]);

      await copyFile(join(out, "records.jsonl"), join(folder, "records.jsonl"));
      const id = "chunked/mysql2/uuidv7/chunk=500/prefill=2:uuidv4";
      const reproduced = await run("reproduce", `${folder}#${id}`, "--rounds", "1", "--out", join(folder, "again"));
      expect(reproduced.code, reproduced.stderr).toBe(0);
      const { run: recorded } = await readRecords(join(folder, "again", "records.jsonl"));
      expect(recorded).toMatchObject({ bufferPoolBytes: SMALL, cells: [{ id, prefill: "2:uuidv4" }] });

      const admin = await connect(database.target);
      expect(await selectOne(admin, "SELECT @@innodb_buffer_pool_size AS bytes")).toEqual({ bytes: 2 * SMALL });
      expect(await select(admin, String.raw`SHOW TABLES LIKE '\_prefill\_%'`)).toEqual([]);
      await admin.end();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("is complete in the suite keys, here with two keys through one library", async () => {
    await using instance = newInstance();
    const folder = await mkdtemp(join(tmpdir(), "keys-"));
    const env = { ORM_SHOOTOUT_INSTANCE: instance.options.name, ORM_SHOOTOUT_PROFILE: "test", BENCH_DATABASE_URL: "" };
    try {
      const args = [
        "run",
        "--suite",
        "keys",
        "--orm",
        "mysql2",
        "--key",
        "uuidv7,uuidv4",
        "--rounds",
        "1",
        "--out",
        folder,
        ...DATA,
      ];
      expect(await bench([...args, "--db", "embedded"], { env })).toMatchObject({ code: 0 });
      const { run, samples } = await readRecords(join(folder, "records.jsonl"));
      expect(samples.map(({ status }) => status)).toEqual(run.cells.map(() => "ok"));
      expect(run).toMatchObject({ suite: "keys", bufferPoolBytes: SMALL });
      expect(samples.length).toBe(10);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
