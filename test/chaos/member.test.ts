/** A process of the service as a member of the trials. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_OPTIONS } from "../../api/options.ts";
import { createApiTables } from "../../api/tables.ts";
import { ensureDataset } from "../../fixtures/index.ts";
import { ChaosMember } from "../../harness/chaos/member.ts";
import { DATASET } from "../../harness/chaos/session.ts";
import { connect } from "../../lib/connection.ts";
import { silentLog } from "../../lib/log.ts";
import { openTestSchema } from "../support/database.ts";

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe("a member", () => {
  let member: ChaosMember;
  const stack = new AsyncDisposableStack();
  beforeAll(async () => {
    const { target } = stack.use(await openTestSchema("chaos member"));
    await ensureDataset(target, DATASET, { log: silentLog });
    const connection = await connect(target);
    await createApiTables(connection);
    await connection.end();
    const folder = await mkdtemp(join(tmpdir(), "bench-chaos-member-"));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const options = { ...DEFAULT_OPTIONS, target, adminToken: "a-token-of-a-test", logLevel: "silent" } as const;
    member = stack.use(await ChaosMember.start("member 1", options, () => target, folder));
  });
  afterAll(() => stack.disposeAsync());

  it("has not crashed after a fault has killed it", async () => {
    await member.kill();
    expect(member.takeCrash()).toBeNull();
    await member.heal();
    expect(member).toMatchObject({ state: "up", isExpected: true });
  });

  it("reports once how its process ended without a fault, and faults of it do nothing", async () => {
    process.kill(member.pid, "SIGTERM");
    await expect.poll(() => isAlive(member.pid)).toBe(false);
    member.stop();
    await member.shiftClock(1_000);
    await member.kill();
    expect(member.takeCrash()).toBe("SIGTERM");
    expect(member.takeCrash()).toBeNull();
    expect(member).toMatchObject({ state: "dead", isExpected: false });
    await member.heal();
    expect(member.state).toBe("up");
  });

  it("reports no crash when it leaves in order, and reports how it ended otherwise", async () => {
    const { pid } = member;
    await member.leave();
    expect(member.takeCrash()).toBeNull();
    expect(isAlive(pid)).toBe(false);
    await member.heal();
    process.kill(member.pid, "SIGSTOP");
    const leaving = member.leave();
    process.kill(member.pid, "SIGKILL");
    await leaving;
    expect(member.takeCrash()).toBe("SIGKILL");
  });
});
