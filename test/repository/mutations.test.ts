import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { MUTATIONS } from "../mutations/list.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

it("each fault of test/mutations/ changes a text that its file contains once, and names files of tests that exist", async () => {
  expect(MUTATIONS.length).toBeGreaterThanOrEqual(40);
  expect(new Set(MUTATIONS.map(({ id }) => id)).size).toBe(MUTATIONS.length);
  for (const { id, file, find, replace, tests } of MUTATIONS) {
    const text = await readFile(join(ROOT, file), "utf8");
    expect(text.split(find).length - 1, `${id} in ${file}`).toBe(1);
    expect(replace, id).not.toBe(find);
    expect(tests.length, id).toBeGreaterThan(0);
    for (const path of tests) await access(join(ROOT, path));
  }
});

it("each fault has a row in docs/testing.md, with its last result", async () => {
  const page = await readFile(join(ROOT, "docs/testing.md"), "utf8");
  const rows = [...page.matchAll(/^\| `([\w-]+)` \| (.*?) \| /gm)].map(([, id, fault]) => [id, fault]);
  const sorted = (pairs: (string | undefined)[][]): string[] => pairs.map((pair) => pair.join(": ")).toSorted();
  expect(sorted(rows)).toEqual(sorted(MUTATIONS.map(({ id, fault }) => [id, fault])));
});
