/** Everything that a trial must not leave behind, on a real server. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Admin } from "../../harness/chaos/admin.ts";
import { listLeft, type LeftParts } from "../../harness/chaos/left.ts";
import { createServiceAccount, prepareSchema, resetTrial, type ServiceAccount } from "../../harness/chaos/schema.ts";
import { connect, execute, type Connection } from "../../lib/connection.ts";
import { openTestService, type TestService } from "../api/service.ts";

describe("what a trial leaves", () => {
  const stack = new AsyncDisposableStack();
  let service: TestService;
  let account: ServiceAccount;
  let parts: LeftParts;
  let hints = 0;
  let connections = 0;
  let opened: Connection[] = [];
  beforeAll(async () => {
    service = stack.use(await openTestService("chaos_left"));
    await prepareSchema(service.admin);
    account = stack.use(await createServiceAccount((work) => work(service.admin), service.target.schema));
    const metrics = createServer((_request, response) => response.end(`api_flags_raised ${hints}\n`));
    await new Promise<void>((listening) => metrics.listen(0, "127.0.0.1", listening));
    stack.defer(() => void metrics.close());
    const admin = stack.use(new Admin(() => service.target));
    const member = {
      name: "member 1",
      state: "up" as const,
      url: `http://127.0.0.1:${(metrics.address() as AddressInfo).port}`,
      proxy: {
        get connections() {
          return connections;
        },
      },
    };
    parts = { admin, cluster: { members: [member] }, schema: service.target.schema, user: account.user };
    await resetTrial(service.admin);
  });
  afterAll(() => stack.disposeAsync());
  afterEach(async () => {
    hints = 0;
    connections = 0;
    for (const connection of opened) await connection.end();
    opened = [];
    await expect.poll(() => listLeft(parts)).toEqual([]);
  });

  /** A session of the service: through a proxy, if a member has it. */
  async function session(isOfMember: boolean): Promise<Connection> {
    const { user, password } = account;
    const connection = await connect({ ...service.target, user, password });
    opened.push(connection);
    if (isOfMember) connections += 1;
    return connection;
  }

  it("is nothing when the members only have their connections", async () => {
    await session(true);
    expect(await listLeft(parts)).toEqual([]);
  });

  it("is a lock of an open transaction", async () => {
    const connection = await session(true);
    await execute(connection, "START TRANSACTION");
    await connection.query("SELECT id FROM users WHERE id = 1 FOR UPDATE");
    expect(await listLeft(parts)).toEqual([expect.stringMatching(/^\d+ rows or tables are locked$/)]);
  });

  it("is a session that no member has", async () => {
    await session(false);
    expect(await listLeft(parts)).toEqual(["1 sessions on the server, and 0 connections of members"]);
  });

  it("is a number of connections that no pool of the members has", async () => {
    connections = 21;
    expect(await listLeft(parts)).toEqual(["21 connections of members"]);
  });

  it("is a flag", async () => {
    await execute(service.admin, "INSERT INTO batch_flags (user_id, batch_id) VALUES (1, 1)");
    expect(await listLeft(parts)).toEqual(["1 flags are raised"]);
    await execute(service.admin, "DELETE FROM batch_flags");
  });

  it("is a hint of a member", async () => {
    hints = 3;
    expect(await listLeft(parts)).toEqual(["member 1 has 3 hints"]);
  });

  it("is a stored write that waits", async () => {
    await execute(
      service.admin,
      `INSERT INTO inbox (request_id, user_id, kind, body, body_hash, status, accepted_at)
       VALUES (UUID_TO_BIN(UUID()), 1, 'badge', '{}', REPEAT('0', 32), 'pending', NOW(6))`,
    );
    expect(await listLeft(parts)).toEqual(["1 accepted writes wait in the inbox"]);
    await execute(service.admin, "DELETE FROM inbox");
  });
});
