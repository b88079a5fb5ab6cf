import { expect, it } from "vitest";
import { connectionPolicy } from "../../harness/plan/planned-cell.ts";
import { listPlugIns } from "../../harness/registry.ts";

const orms = (await listPlugIns("orm")).map(({ value }) => value);

it("gives every library of the matched track the same pool and protocol, and in the default track its own", () => {
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
