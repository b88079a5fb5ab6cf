import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { ensureDataset } from "../../fixtures/index.ts";
import { openWriteStop } from "../../harness/server-state/write-stop.ts";
import { connect, execute, selectOne } from "../../lib/connection.ts";
import { silentLog } from "../../lib/log.ts";
import { openGrantedAccount } from "../support/accounts.ts";
import { openTestSchema } from "../support/database.ts";

let schema: Awaited<ReturnType<typeof openTestSchema>>;
beforeAll(async () => {
  schema = await openTestSchema("write_stop");
  await ensureDataset(schema.target, { users: 20, orders: 100, dormantUsers: 0, dataSeed: 1 }, { log: silentLog });
});
afterAll(() => schema[Symbol.asyncDispose]());

const open = async (target = schema.target) => {
  const connection = await connect(target);
  onTestFinished(() => connection.destroy());
  return connection;
};
const gradeOf = async () => (await selectOne<{ grade: string }>(await open(), "SELECT grade FROM users WHERE id = 1")).grade;

test("between the end of a job and the end of its sessions, nobody writes an output table", async () => {
  const [stop, job] = [await openWriteStop(await open()), await open()];
  expect(stop.notes).toEqual([]);
  await execute(job, "UPDATE users SET grade = 'GOLD' WHERE id = 1");
  await stop.begin();
  await execute(job, "SET SESSION lock_wait_timeout = 1");
  await expect(execute(job, "UPDATE users SET grade = 'VIP' WHERE id = 1")).rejects.toThrow(/[Ll]ock wait timeout/);
  await stop.end();
  expect(await gradeOf()).toBe("GOLD");
  await execute(job, "UPDATE users SET grade = 'VIP' WHERE id = 1");
  expect(await gradeOf()).toBe("VIP");
});

test("a transaction that never ends delays the next sample by a second only", async () => {
  const [stop, job] = [await openWriteStop(await open()), await open()];
  await job.beginTransaction();
  await execute(job, "UPDATE users SET grade = 'SILVER' WHERE id = 2");
  await stop.begin();
  await stop.end();
  await job.rollback();
});

test("an account that may not lock tables gets a note in place of the lock", async () => {
  await using account = await openGrantedAccount(schema.target, { withCounts: false });
  const stop = await openWriteStop(await open(account.target));
  expect(stop.notes).toEqual([expect.stringContaining("the account may not lock tables")]);
  await stop.begin();
  await execute(await open(), "UPDATE users SET grade = 'VIP' WHERE id = 1");
  await stop.end();
});
