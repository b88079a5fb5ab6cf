/** A cold start with everything in its way that an interrupted one may have left, then the same with a broken template. */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { serversFolder } from "../../harness/database/home.ts";
import { readPrefix } from "../../harness/database/embedded/prefix.ts";
import { createLog, type Log } from "../../lib/log.ts";
import { embeddedObstacle, newInstance } from "../support/instances.ts";

function collectingLog(lines: string[]): Log {
  const add = (line: string): void => void lines.push(line);
  return { ...createLog("quiet"), info: add, warn: add, detail: add };
}

describe.skipIf((await embeddedObstacle()) !== null)("after an interruption", () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "home-"));
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(home, { recursive: true, force: true });
  });

  test("a cut-off server binary is seen for what it is", async () => {
    await using instance = newInstance();
    await using _database = await instance.open();
    const copy = join(home, "embedded");
    await cp(join(serversFolder(), "embedded"), copy, { recursive: true, verbatimSymlinks: true });
    expect(await readPrefix(copy)).toMatchObject({ root: copy });
    await truncate(join(copy, "usr/sbin/mysqld"), 1_000_000);
    expect(await readPrefix(copy)).toBeNull();
  });

  test("the same command downloads, initialises and starts again, and clears away what was left", async () => {
    vi.stubEnv("ORM_SHOOTOUT_HOME", home);
    const servers = join(home, "mysql");
    for (const draft of ["download.tmp-1/lists", "embedded.tmp-1/usr/sbin", "embedded/usr/lib/x86_64-linux-gnu", "instances"])
      await mkdir(join(servers, draft), { recursive: true });
    await writeFile(join(servers, "lock"), JSON.stringify({ pid: 2 ** 22 + 1, startedAt: "then", id: "x" }));
    const lines: string[] = [];
    {
      await using instance = newInstance();
      await mkdir(join(instance.path, "data.tmp-1/mysql"), { recursive: true });
      await using database = await instance.open(collectingLog(lines));
      expect(database.binaryManifest).toMatch(/^[0-9a-f]{64}$/);
      const password = (await readFile(join(instance.path, "password"), "utf8")).trim();
      expect(password.length).toBeGreaterThan(20);
      expect(lines.join("\n")).not.toContain(password);
      expect((await readdir(instance.path)).filter((name) => name.includes(".tmp"))).toEqual([]);
    }
    expect(lines.filter((line) => line.startsWith("Downloading")).length).toBe(1);
    expect((await readdir(servers)).filter((name) => name.includes(".tmp") || name.includes("lock"))).toEqual([]);

    const template = (await readdir(servers)).find((name) => name.startsWith("template-")) ?? "";
    await truncate(join(servers, template, "mysql.ibd"), 100_000);
    lines.length = 0;
    await using second = newInstance();
    await using database = await second.open(collectingLog(lines));
    expect(database.serverVersion).toMatch(/^\d/);
    expect(lines.join("\n")).toContain("initialising again");
  });
});
