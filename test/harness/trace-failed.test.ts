import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { findCell } from "../../harness/plan/cell-name.ts";
import { traceFailed } from "../../harness/trace/trace-failed.ts";

const fixOf = async (...cell: Parameters<typeof findCell>): Promise<string> =>
  traceFailed(await findCell(...cell), "the transaction took too long").fix ?? "";

it("a failed trace names the cell with the library's settings for long batches, and this name is a cell", async () => {
  const [, name = ""] = /^trace (\S+), or run the same cell/.exec(await fixOf("chunked/prisma/uuidv7/chunk=50")) ?? [];
  expect((await findCell(name)).cell).toMatchObject({ strategy: "chunked", orm: "prisma", key: "uuidv7", track: "tuned" });
});

it("a failed trace names no other cell if the settings apply, the library has none, or a path names the technique", async () => {
  const path = fileURLToPath(new URL("../plugins/throws-a-page.ts", import.meta.url));
  expect(await fixOf("chunked/prisma/track=tuned")).toMatch(/^run the same cell/);
  expect(await fixOf("chunked/mysql2")).toMatch(/^run the same cell/);
  expect(await fixOf(path, "prisma")).toMatch(/^run the same cell/);
});
