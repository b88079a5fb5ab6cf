import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { coldCacheWarning, readPoolReads } from "../../harness/probes/buffer-pool.ts";
import { loadWarning } from "../../harness/probes/load.ts";
import { connect, type Connection } from "../../lib/connection.ts";
import { openTestSchema } from "../support/database.ts";

describe("the load of the machine", () => {
  it("is warned of above the number of cores, with both numbers", () => {
    expect(loadWarning(2.1, 2)).toMatch(/load average is 2\.1 on 2 cores/);
    expect(loadWarning(2, 2)).toBeNull();
    // Windows keeps none
    expect(loadWarning(0, 2)).toBeNull();
  });
});

describe("a cold cache", () => {
  let schema: Awaited<ReturnType<typeof openTestSchema>>;
  let connection: Connection;
  beforeAll(async () => {
    schema = await openTestSchema("pool");
    connection = await connect(schema.target, { withSchema: false });
  });
  afterAll(async () => {
    await connection.end();
    await schema[Symbol.asyncDispose]();
  });

  it("is told by the server's own counters", async () => {
    const reads = await readPoolReads(connection);
    expect(reads?.pagesRead).toBeGreaterThan(0);
    expect(reads?.dataPages).toBeGreaterThan(0);
    expect(coldCacheWarning(reads, reads)).toBeNull();
  });

  it("is warned of when more than a few percent of what is in memory had to be read", () => {
    const before = { pagesRead: 1_000, dataPages: 8_000 };
    expect(coldCacheWarning(before, { pagesRead: 1_400, dataPages: 8_000 })).toBeNull();
    expect(coldCacheWarning(before, { pagesRead: 1_401, dataPages: 8_000 })).toMatch(/cold cache/);
    expect(coldCacheWarning(null, before)).toBeNull();
  });

  it("is not known of where an account may not see the counters", async () => {
    expect(await readPoolReads({ query: () => Promise.reject(new Error("denied")) } as unknown as Connection)).toBeNull();
  });
});
