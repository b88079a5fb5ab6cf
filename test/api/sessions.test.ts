/** The settings of the service's sessions: a server or a proxy may refuse or replace them. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Database } from "../../api/database/database.ts";
import { isPassing } from "../../api/database/errors.ts";
import type { Session } from "../../api/database/session.ts";
import { BATCH_SESSIONS } from "../../api/database/session-limits.ts";
import { execute } from "../../lib/connection.ts";
import { openGate } from "../support/gate.ts";
import { DORMANT_USER, openTestService, type TestService } from "./service.ts";

let service: TestService;
beforeAll(async () => {
  service = await openTestService("api_sessions");
});
afterAll(() => service[Symbol.asyncDispose]());
beforeEach(() => service.clear());

describe("a session", () => {
  it("of the batch ends 5 s after the last word of its client, in whichever direction it is silent", async () => {
    const settings = { target: service.target, connections: 1, waitMs: 10_000, lockWaitSeconds: 1, ...BATCH_SESSIONS };
    await using database = new Database(settings);
    const limits =
      "SELECT @@SESSION.wait_timeout AS idleSeconds, @@SESSION.net_read_timeout AS readSeconds, @@SESSION.net_write_timeout AS writeSeconds";
    const found = await database.withSession((session) => session.rows(limits));
    expect(found).toEqual([{ idleSeconds: 5, readSeconds: 5, writeSeconds: 5 }]);
  });

  it("that was idle for its limit is not used again, because the server may have ended it", async () => {
    const settings = { target: service.target, connections: 1, waitMs: 10_000, lockWaitSeconds: 1, ...BATCH_SESSIONS };
    const usedTwice = async (maxIdleMs: number): Promise<boolean> => {
      await using database = new Database({ ...settings, maxIdleMs });
      const own = (): Promise<{ id: number }[]> =>
        database.withSession((session) => session.rows<{ id: number }>("SELECT CONNECTION_ID() AS id"));
      const [first, second] = [await own(), await own()];
      return first[0]?.id === second[0]?.id;
    };
    expect(await usedTwice(60_000)).toBe(true);
    expect(await usedTwice(-1)).toBe(false);
  });

  it.each([
    { use: "a read", again: (session: Session) => session.rows("SELECT 1") },
    { use: "a transaction", again: (session: Session) => session.transaction((inside) => inside.rows("SELECT 1")) },
  ])(
    "that the server ended between two statements returns database-unavailable for $use, and nothing counts against a batch",
    async ({ again }) => {
      const settings = { target: service.target, connections: 1, waitMs: 10_000, lockWaitSeconds: 1, ...BATCH_SESSIONS };
      await using database = new Database(settings);
      const failed = database.withSession(async (session) => {
        const [own] = await session.rows<{ id: number }>("SELECT CONNECTION_ID() AS id");
        await execute(service.admin, `KILL ${own?.id}`);
        // the driver notices the end at this statement or before it
        await expect(session.rows("SELECT 1")).rejects.toThrow();
        return await again(session);
      });
      const error = await failed.catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "database-unavailable" });
      expect(String((error as Error).cause)).toContain("closed state");
      expect(isPassing(error)).toBe(true);
      expect(await database.withSession((session) => session.rows("SELECT 1 AS one"))).toEqual([{ one: 1 }]);
    },
  );

  it("that ended before COMMIT was sent returns database-unavailable: nothing was committed", async () => {
    const settings = { target: service.target, connections: 1, waitMs: 10_000, lockWaitSeconds: 1, ...BATCH_SESSIONS };
    await using database = new Database(settings);
    const failed = database.withSession((session) =>
      session.transaction(async (inside) => {
        const [own] = await inside.rows<{ id: number }>("SELECT CONNECTION_ID() AS id");
        await execute(service.admin, `KILL ${own?.id}`);
        await inside.rows("SELECT 1").catch(() => {});
      }),
    );
    await expect(failed).rejects.toMatchObject({ code: "database-unavailable" });
  });

  it("with another isolation than READ COMMITTED runs no statement of the service", async () => {
    await using gate = await openGate(service.target);
    gate.rewrite("'READ-COMMITTED'", "'SERIALIZABLE'  ");
    await expect(service.start({ target: gate.target })).rejects.toThrow(
      "the server keeps the isolation SERIALIZABLE instead of READ-COMMITTED",
    );
  });

  it("whose settings the server refuses fails its request, and neither the service nor the next request", async () => {
    await using gate = await openGate(service.target);
    await using client = await service.start({ target: gate.target, guard: "none" });
    const path = `/users/${DORMANT_USER}/membership`;
    gate.rewrite("STRICT_ALL_TABLES", "STRICT_ALL_CHAIRS");
    const answers = await Promise.all(Array.from({ length: 12 }, () => client.call("GET", path)));
    expect(answers.filter(({ status }) => status === 500).length).toBeGreaterThan(0);
    gate.rewrite("STRICT_ALL_TABLES", "STRICT_ALL_TABLES");
    for (let times = 0; times < 12; times += 1) expect((await client.call("GET", path)).status).toBe(200);
    expect((await client.order(DORMANT_USER)).status).toBe(201);
  });
});
