/** A library that leaks a chunk keeps all rows of the chunk in memory, not a few bytes per row. */
import { readFile } from "node:fs/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { key } from "../../strategies/keys/identity.ts";
import { listCodes, type TestCode } from "../strategies/cells.ts";
import { variants } from "../support/full.ts";
import { openTestJob, type TestJob } from "../support/job.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const USERS = 60;
const WARM_UP_USERS = 20;
const CHUNK_USERS = 5;
/** Prisma keeps 130 KiB per user of batches whose plans it caches; compiled code and similar take a tenth of that here. */
const MAX_RETAINED_BYTES_PER_USER = 40_000;

const all = (await listCodes()).filter(({ hasNativeVariant }) => hasNativeVariant);
/** Variants keep what the session of their library keeps, so one of each library is enough. Entities and batches keep more. */
const nativeVariants = variants(
  all,
  ({ strategy, orm }, index) => strategy.id === "unit-of-work" || all.findIndex((other) => other.orm === orm) === index,
);

describe("a library's native variant", () => {
  let job: TestJob;
  beforeAll(async () => {
    for (const { orm } of nativeVariants) await orm.prepare?.();
    job = await openTestJob("native_variants", { users: USERS, orders: 33 * USERS, dormantUsers: 0, dataSeed: 6 });
  });
  afterAll(() => job[Symbol.asyncDispose]());

  it.each(nativeVariants)("releases the memory of finished chunks: $name", async ({ code, orm }: TestCode) => {
    await job.reset();
    await using session = await job.connect(orm, key.storage);
    const run = async (firstUserId: number, lastUserId: number): Promise<number> => {
      await code.run(job.context(session, key, { orm, partition: { firstUserId, lastUserId }, chunkUsers: CHUNK_USERS }));
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const before = await run(1, WARM_UP_USERS);
    const after = await run(WARM_UP_USERS + 1, USERS);
    expect((after - before) / (USERS - WARM_UP_USERS)).toBeLessThan(MAX_RETAINED_BYTES_PER_USER);
    expect(await job.verify(key)).toEqual({ verified: true });
  });
});

it("each native variant names the page of the library's documentation that it follows", async () => {
  const files = all.map(({ orm, strategy }) => `orms/${orm.id}/${strategy.id}.ts`);
  const sources = await Promise.all(files.map((file) => readFile(new URL(`../../${file}`, import.meta.url), "utf8")));
  expect(files.length).toBeGreaterThan(5);
  expect(files.filter((_, index) => !/https:\/\/\S+\/\S+/.test(sources[index] ?? ""))).toEqual([]);
});
