/** Plug-ins that attack the process which plans, measures and verifies. */
import { fileURLToPath } from "node:url";
import mysql from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestRuns, type TestRuns } from "../support/run.ts";

const plugIn = (name: string): string => fileURLToPath(new URL(`../plugins/${name}.ts`, import.meta.url));

describe("a plug-in in the process of bench", () => {
  let runs: TestRuns;
  beforeAll(async () => {
    runs = await openTestRuns("trust");
  });
  afterAll(() => runs[Symbol.asyncDispose]());

  it("cannot replace the driver that verifies its rows", async () => {
    const { prototype } = (mysql as unknown as { PromiseConnection: { prototype: { query: unknown; execute: unknown } } })
      .PromiseConnection;
    const before = { query: prototype.query, execute: prototype.execute };
    const { samples } = await runs.run([
      { strategies: [plugIn("patches-the-driver")], orms: ["mysql2"], keys: ["identity"], chunkUsers: [] },
    ]);
    expect({ query: prototype.query, execute: prototype.execute }).toEqual(before);
    expect(samples[0]).toMatchObject({ status: "failed", wallMs: null, reason: expect.stringMatching(/^wrong result: badges/) });
  });
});
