import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { BenchError, errorCodes, EXIT } from "../../lib/errors.ts";

describe("the error codes", () => {
  it("each have one of the documented exit codes", () => {
    for (const [code, exit] of errorCodes()) expect(Object.values(EXIT), code).toContain(exit);
  });
  it("are all explained in the documentation, and nothing else is", async () => {
    const page = await readFile(new URL("../../docs/errors.md", import.meta.url), "utf8");
    const documented = new Map(
      [...page.matchAll(/^\| `([A-Z_]+)` \| (\d+) \|/gm)].map(([, code, exit]) => [code, Number(exit)] as const),
    );
    expect(documented).toEqual(errorCodes());
  });
  it("never share an exit code between meanings", () => {
    expect(new Set(Object.values(EXIT)).size).toBe(Object.values(EXIT).length);
  });
  it("come with the exit code of their kind", () => {
    expect(new BenchError("BAD_OPTION", "x").exitCode).toBe(2);
    expect(new BenchError("CELL_FAILED", "x").exitCode).toBe(1);
  });
});
