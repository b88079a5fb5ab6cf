/**
 * A chunk that is larger than a statement may be: the strategy splits it, or fails with an error that names the limit and
 * writes nothing.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { key } from "../../strategies/keys/uuidv7.ts";
import { updateChunks } from "../../strategies/update-chunks.ts";
import { openTestJob, type TestJob } from "../support/job.ts";
import { variants } from "../support/full.ts";
import { connectWithSmallPackets, messagesOf } from "../support/packets.ts";
import { watchedSession } from "../support/watched-session.ts";
import { formOf, inTurn, listCodes } from "./cells.ts";

const USERS = 100;
/** The coupons of all users take four times as many bytes. */
const MAX_PACKET_BYTES = 2 ** 14;
const codes = await listCodes();
const represents = inTurn(codes);
/** The other strategies send one row at a time, or no rows. */
const sendingMany = variants(
  codes.filter(({ strategy }) => strategy.requires.includes("bulk-insert") || strategy.roundTrips === "per-chunk"),
  // The general code of `preinsert-update` sends many rows by the same insert as `chunked`, and takes most of the time of this test.
  // test/orms/limits.test.ts tries the bulk operations of each library beyond the limit.
  (code) => represents(code) && (code.strategy.id !== "preinsert-update" || code.hasNativeVariant),
);
/** The techniques that differ in the SQL of their updates, each with its form. */
const updating = (await Promise.all(codes.map(async (code) => ({ ...code, form: await formOf(code) })))).flatMap((code) =>
  code.form === null ? [] : [{ ...code, form: code.form }],
);
const split = variants(updating, represents);

describe("a chunk that is too large for one statement", () => {
  let job: TestJob;
  beforeAll(async () => {
    for (const { orm } of codes) await orm.prepare?.();
    job = await openTestJob("chunk_limits", { users: USERS, orders: 3_500, dormantUsers: 0, dataSeed: 7 });
  });
  afterAll(() => job[Symbol.asyncDispose]());

  it.each(split)("is split before hand-written SQL exceeds its placeholders: $name", async ({ strategy, orm, form }) => {
    const maxPlaceholders = 60;
    await job.reset();
    await using session = await job.connect(orm, key.storage, { uses: strategy.requires });
    const sizes: number[] = [];
    const watched = watchedSession(session, (operation, args, call) => {
      if (operation === "execute") sizes.push((args[1] as unknown[]).length);
      return call();
    });
    await updateChunks(job.context(watched, key, { orm, chunkUsers: USERS }), form, { maxPlaceholders });
    expect(Math.max(...sizes)).toBeLessThanOrEqual(maxPlaceholders);
    expect(sizes.filter((size) => size > maxPlaceholders / 2).length).toBeGreaterThan(50);
    expect(await job.verify(key)).toEqual({ verified: true });
  });

  it.each(sendingMany)(
    "is written whole, or fails with the name of the limit and writes nothing: $name",
    async ({ strategy, code, orm }) => {
      await job.reset();
      const options = { uses: strategy.requires };
      await using session = await connectWithSmallPackets(job, orm, key.storage, MAX_PACKET_BYTES, options);
      const error: unknown = await code.run(job.context(session, key, { orm, chunkUsers: USERS })).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (error !== undefined) expect(messagesOf(error)).toMatch(/packet/i);
      expect(await job.verify(key, error === undefined ? {} : { done: [] })).toEqual({ verified: true });
    },
  );
});
