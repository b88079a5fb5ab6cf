import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { BenchError, errorCodes, EXIT } from "../../lib/errors.ts";

describe("the error codes", () => {
  it("each map to one documented exit code", () => {
    for (const [code, exit] of errorCodes()) expect(Object.values(EXIT), code).toContain(exit);
  });
  it("match the list in the documentation exactly", async () => {
    const page = await readFile(new URL("../../docs/errors.md", import.meta.url), "utf8");
    const documented = new Map(
      [...page.matchAll(/^\| `([A-Z_]+)` \| (\d+) \|/gm)].map(([, code, exit]) => [code, Number(exit)] as const),
    );
    expect(documented).toEqual(errorCodes());
  });
  it("never share an exit code between two meanings", () => {
    expect(new Set(Object.values(EXIT)).size).toBe(Object.values(EXIT).length);
  });
  it("set the exit code of their kind", () => {
    expect(new BenchError("BAD_OPTION", "x").exitCode).toBe(2);
    expect(new BenchError("CELL_FAILED", "x").exitCode).toBe(1);
  });
});
