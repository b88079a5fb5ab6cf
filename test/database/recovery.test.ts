/** A cold start after an interruption, with all files that the interruption may leave. */
import { cp, mkdir, mkdtemp, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { serversFolder } from "../../harness/database/home.ts";
import { templatePath } from "../../harness/database/data-folder.ts";
import { ensureEmbeddedBinary } from "../../harness/database/providers/embedded.ts";
import { readPrefix } from "../../harness/database/embedded/prefix.ts";
import { createLog, silentLog, type Log } from "../../lib/log.ts";
import { isFull } from "../support/full.ts";
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

  test("a truncated server binary is detected", async () => {
    await ensureEmbeddedBinary(silentLog);
    const copy = join(home, "embedded");
    await cp(join(serversFolder(), "embedded"), copy, { recursive: true, verbatimSymlinks: true });
    expect(await readPrefix(copy)).toMatchObject({ root: copy });
    await truncate(join(copy, "usr/sbin/mysqld"), 1_000_000);
    expect(await readPrefix(copy)).toBeNull();
  });

  // the first test of a fresh clone downloads and initialises the server, too
  test.runIf(isFull)("the same command downloads, initialises and starts again, and deletes leftover files", async () => {
    vi.stubEnv("ORM_SHOOTOUT_HOME", home);
    const servers = join(home, "mysql");
    const drafts = ["download.tmp-1/lists", "embedded.tmp-1/usr/sbin", "embedded/usr/lib/x86_64-linux-gnu"];
    for (const draft of [...drafts, "instances"]) await mkdir(join(servers, draft), { recursive: true });
    await writeFile(join(servers, "lock"), JSON.stringify({ pid: 2 ** 22 + 1, startedAt: "then", id: "x" }));
    const lines: string[] = [];
    const log = collectingLog(lines);
    const binary = await ensureEmbeddedBinary(log);
    expect(lines.filter((line) => line.startsWith("Downloading")).length).toBe(1);
    // A template that a full disk or a power failure left incomplete.
    await mkdir(join(templatePath(binary), "mysql"), { recursive: true });
    await writeFile(join(templatePath(binary), "mysql.ibd"), "half");

    await using instance = newInstance();
    await mkdir(join(instance.path, "data.tmp-1/mysql"), { recursive: true });
    await using database = await instance.open(log);
    expect(database.binaryManifest).toBe(binary.manifest);
    expect(lines.join("\n")).toContain("initialising again");
    const left = [...(await readdir(instance.path)), ...(await readdir(servers))];
    expect(left.filter((name) => name.includes(".tmp") || name.includes("lock"))).toEqual([]);
  });
});
