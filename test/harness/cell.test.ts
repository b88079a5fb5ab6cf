import { expect, it } from "vitest";
import { connectionPolicy } from "../../harness/plan/planned-cell.ts";
import { listPlugIns } from "../../harness/registry.ts";

const orms = (await listPlugIns("orm")).map(({ value }) => value);

it("gives every library the same pool and protocol in the matched track, and its own defaults in the default track", () => {
  for (const [index, orm] of orms.entries()) {
    const own = { ...orm, defaultPoolConnections: 3 + index };
    expect(connectionPolicy({ track: "matched", isolation: null }, own)).toEqual({
      poolConnections: 10,
      isolation: null,
      statements: "text",
    });
    expect(connectionPolicy({ track: "default", isolation: "read-committed" }, own)).toEqual({
      poolConnections: 3 + index,
      isolation: "read-committed",
      statements: "library",
    });
  }
});
