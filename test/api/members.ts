/** Members of a cluster in one process, on the schema of a test service. */
import { expect } from "vitest";
import { batchRunId } from "../../api/tables.ts";
import { listPlugIns } from "../../harness/registry.ts";
import { verify } from "../../harness/verify/rows.ts";
import { select, selectOne } from "../../lib/connection.ts";
import { until, type Client, type TestService } from "./service.ts";

const identity = (await listPlugIns("key")).find(({ value }) => value.id === "identity");

type Started = Client & AsyncDisposable;

export async function metricOf(client: Client, name: string): Promise<number> {
  const { body } = await client.call("GET", "/metrics");
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(String(body.text))?.[1]);
}

/** @returns the members, after each of them sees all */
export async function startMembers(
  service: TestService,
  count: number,
  options: Parameters<TestService["start"]>[0] = {},
): Promise<Started[] & AsyncDisposable> {
  const members: Started[] = [];
  for (let index = 0; index < count; index += 1) members.push(await service.start(options));
  const stop = async (): Promise<void> => {
    for (const member of members) await member[Symbol.asyncDispose]();
  };
  await until("each member sees all", async () => {
    const seen = await Promise.all(members.map((member) => metricOf(member, "api_cluster_members")));
    return seen.every((value) => value === count);
  });
  return Object.assign(members, { [Symbol.asyncDispose]: stop });
}

/** Users of the committed rounds, by member. */
export async function usersByMember({ admin }: TestService): Promise<Map<string, number>> {
  const rows = await select<{ member: string; users: string }>(
    admin,
    "SELECT LOWER(HEX(member)) AS member, SUM(JSON_LENGTH(user_ids)) AS users FROM batch_steps GROUP BY member",
  );
  return new Map(rows.map(({ member, users }) => [member, Number(users)]));
}

export const doneUsers = async ({ admin }: TestService): Promise<number> =>
  (await selectOne<{ done: number }>(admin, "SELECT COUNT(*) AS done FROM grade_logs_identity")).done;

export async function expectRightResult(service: TestService, batchId: number): Promise<void> {
  if (identity === undefined) throw new Error("no key identity");
  const users = [{ firstUserId: 1, lastUserId: 1_000 }];
  const options = { runId: batchRunId(batchId), key: identity.value, done: users, restUntouched: true, steps: null };
  expect(await verify(service.admin, options)).toEqual({ verified: true });
  // Each target in one step: a user in two steps would be a user that two rounds committed.
  const stepped = [...(await usersByMember(service)).values()].reduce((sum, count) => sum + count, 0);
  expect(stepped).toBe(service.targets.length);
}

export async function expectFinished(service: TestService, client: Client, batchId: number): Promise<void> {
  const { body } = await client.batchEnd(batchId);
  expect(body).toMatchObject({ status: "finished", failure: null, usersDone: service.targets.length });
  await expectRightResult(service, batchId);
}
