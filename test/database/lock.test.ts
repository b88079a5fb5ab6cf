import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { acquireLock } from "../../harness/database/lock.ts";
import { identifySelf, isAlive } from "../../harness/database/processes.ts";
import { silentLog } from "../../lib/log.ts";

const options = { log: silentLog, purpose: "being tested" };

describe("the lock between processes", () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "lock-"));
    path = join(folder, "lock");
  });
  afterEach(() => rm(folder, { recursive: true }));

  test("has one holder at a time and leaves no file behind", async () => {
    let inside = 0;
    let most = 0;
    const hold = async (): Promise<void> => {
      await using _lock = await acquireLock(path, options);
      most = Math.max(most, ++inside);
      await readdir(folder);
      inside--;
    };
    await Promise.all(Array.from({ length: 4 }, hold));
    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  test.each([
    ["a process that has ended", { pid: 2 ** 22 + 1, startedAt: "then", id: "x" }],
    ["a process whose id belongs to another process", { pid: process.pid, startedAt: "before the last boot", id: "x" }],
    ["an incomplete lock file", "{"],
  ])("goes from %s to one waiting process", async (_who, holder) => {
    await writeFile(path, typeof holder === "string" ? holder : JSON.stringify(holder));
    let inside = 0;
    let most = 0;
    const hold = async (): Promise<void> => {
      await using _lock = await acquireLock(path, options);
      most = Math.max(most, ++inside);
      await readdir(folder);
      inside--;
    };
    await Promise.all(Array.from({ length: 4 }, hold));
    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  test("gives up after its deadline and names the holder", async () => {
    await using _held = await acquireLock(path, options);
    await expect(acquireLock(path, { ...options, deadlineMs: 0 })).rejects.toMatchObject({
      code: "INSTANCE_BUSY",
      message: `another bench (pid ${process.pid}) is still being tested after 0 s`,
    });
  });

  test("identifies this process, and no other process with the same id", async () => {
    const self = await identifySelf();
    expect(await isAlive(self)).toBe(true);
    expect(await isAlive({ ...self, startedAt: "earlier" })).toBe(false);
  });
});
