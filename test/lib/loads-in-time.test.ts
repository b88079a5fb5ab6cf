import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadsInTime } from "../../lib/loads-in-time.ts";

const FILES = {
  "fine.ts": "export const strategy: { id: string } = { id: 'fine' };",
  "throws.ts": "throw new Error('no')",
  "exits.ts": "process.exit(3)",
  "waits.ts": "await new Promise(() => {});",
  "loops.ts": "for (;;);",
  "timer.ts": "setInterval(() => {}, 1000); await new Promise(() => {});",
};

describe("a file that a user names", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "loads-"));
    for (const [name, code] of Object.entries(FILES)) await writeFile(join(folder, name), code);
  });
  afterAll(() => rm(folder, { recursive: true }));
  const loads = (name: string, limitMs?: number): Promise<boolean> =>
    loadsInTime(pathToFileURL(join(folder, name)).href, limitMs);

  it.each(["fine.ts", "throws.ts", "exits.ts", "waits.ts"])("is loaded in time, or ends by itself: %s", async (name) => {
    expect(await loads(name)).toBe(true);
  });
  it.each(["loops.ts", "timer.ts"])("is stopped when it never finishes loading: %s", async (name) => {
    expect(await loads(name, 300)).toBe(false);
  });
});
