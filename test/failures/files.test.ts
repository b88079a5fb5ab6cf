/** Full disks and blocked paths in bench's own folder. test/failures/records.test.ts tests the disk of the results. */
import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileFailure, writing } from "../../lib/file-errors.ts";
import { BIN } from "../support/bench.ts";
import { embeddedObstacle } from "../support/instances.ts";
import { expectOneError, startMarked } from "./shared.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bad-files-"));
});
afterAll(() => rm(folder, { recursive: true }));

const errorOf = (code: string, more: object = {}): Error =>
  Object.assign(new Error(`${code}: what the system says, write`), { code, syscall: "write", ...more });

describe("an error about a file", () => {
  it.each(["ENOSPC", "EDQUOT"])("names the path and the place that needs room when the disk is full: %s", (code) => {
    expect(fileFailure(errorOf(code), "/place")).toMatchObject({
      code: "FILE_UNUSABLE",
      exitCode: 1,
      message: `/place: ${code}: what the system says`,
      fix: expect.stringMatching(/^free space on that disk; .*ORM_SHOOTOUT_HOME/),
    });
  });

  it.each(["EACCES", "EROFS", "ENOTDIR"])("names the path and another place when the file is not writable: %s", (code) => {
    const failure = fileFailure(errorOf(code, { path: "/place" }));
    expect(failure).toMatchObject({ code: "FILE_UNUSABLE", fix: expect.stringMatching(/may write; .*ORM_SHOOTOUT_HOME/) });
    expect(failure?.message).toMatch(/^\/place: /);
  });

  it("stays unchanged when it has another cause: a missing file is a fault in bench, a connection is not a file", async () => {
    for (const error of [errorOf("ENOENT", { path: "/place" }), errorOf("EACCES", { address: "::1" }), new Error("no code")]) {
      expect(fileFailure(error)).toBeNull();
    }
    const missing = errorOf("ENOENT");
    await expect(writing("/place", Promise.reject(missing))).rejects.toBe(missing);
    expect(await writing("/place", Promise.resolve(1))).toBe(1);
  });
});

describe.skipIf((await embeddedObstacle()) !== null)("the folder of the servers that bench starts", () => {
  it("ends the command with its path on a full disk, and contains no partial file", async () => {
    const home = join(folder, "full");
    // no file may grow: the same as a full disk, except for the code (EFBIG, not ENOSPC)
    const bench = startMarked(["db", "up", "--db", "embedded"], { env: { ORM_SHOOTOUT_HOME: home }, limits: "ulimit -f 0" });
    await expectOneError(bench, {
      error: "FILE_UNUSABLE",
      said: /bad-files-\w+\/full\/\S*lock\S*: EFBIG[^]*fix: free space on that disk/,
    });
    expect((await readdir(home, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())).toEqual([]);
  });

  it("ends the command with its path when a file blocks it", async () => {
    const home = join(folder, "in-the-way");
    await writeFile(home, "");
    const bench = startMarked(["db", "up", "--db", "embedded"], { env: { ORM_SHOOTOUT_HOME: home } });
    const finished = await bench.finished;
    expect(finished).toMatchObject({ code: 1, stdout: "" });
    expect(finished.stderr).toMatch(/error \w+: .*in-the-way.*\n {2}fix: .*ORM_SHOOTOUT_HOME/);
    expect(finished.stderr).not.toMatch(/internal error|\n\s+at /);
  });
});

describe.skipIf(!existsSync("/dev/full"))("standard output on a full disk", () => {
  it("causes one error without a stack trace, and fails the command", async () => {
    const command = spawn("bash", ["-c", 'exec "$0" "$@" > /dev/full', process.execPath, BIN, "list"], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    const [stderr] = await Promise.all([text(command.stderr), once(command, "close")]);
    expect(command.exitCode).toBe(1);
    expect(stderr).toMatch(
      /^error FILE_UNUSABLE: standard output: ENOSPC: no space left on device\n {2}fix: free space on that disk\n$/,
    );
  });
});
