import { existsSync } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeFolder } from "../../lib/folders.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "folders-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("a new folder", () => {
  it("is created with its missing parents, also twice at the same moment, and keeps an existing one", async () => {
    const path = join(folder, "a", "b", "c");
    await Promise.all([makeFolder(path), makeFolder(path)]);
    await writeFile(join(path, "file"), "kept");
    await makeFolder(path);
    expect((await stat(join(path, "file"))).size).toBe(4);
  });
  it("has the given mode, as each created parent does", async () => {
    await makeFolder(join(folder, "a", "b"), 0o700);
    for (const path of ["a", "a/b"]) expect((await stat(join(folder, path))).mode & 0o777).toBe(0o700);
  });
  it("is refused below a file, and where a file has its name", async () => {
    await writeFile(join(folder, "file"), "");
    for (const path of ["file", "file/below", "file/below/it"])
      await expect(makeFolder(join(folder, path))).rejects.toMatchObject({ code: "ENOTDIR" });
  });
  // Node's recursive mkdir never returns there
  it.skipIf(!existsSync("/proc/self"))("is refused at once where the system creates no folder", async () => {
    await expect(makeFolder("/proc/x/y")).rejects.toMatchObject({ code: "EACCES", path: "/proc/x" });
  });
});
