/**
 * The checker's power: each thing that the service's correctness rests on is taken out in turn, and what comes of it must be
 * caught; the same with nothing taken out must be consistent.
 */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { batchRunId } from "../../api/tables.ts";
import type { Fault } from "../../api/options.ts";
import { checkConsistency, type HistoryEntry, type Verdict, type WriteResult } from "../../consistency/index.ts";
import { connect, select, selectOne } from "../../lib/connection.ts";
import { holdUser, openTestService, TOKEN, until, type Answer, type Client, type TestService } from "../api/service.ts";

let service: TestService;
beforeAll(async () => {
  service = await openTestService("consistency_faults");
});
afterAll(() => service[Symbol.asyncDispose]());
beforeEach(() => service.reset());

const resultOf = ({ status }: Answer): WriteResult => {
  if (status === 200 || status === 201) return "applied";
  return status === 202 ? "accepted" : status < 500 ? "refused" : "unknown";
};

/** Sends badges and remembers what came of them, as the load's client does. */
function recorder(client: Client) {
  const history: HistoryEntry[] = [];
  return {
    history,
    async badge(userId: number, categoryId: number, active: boolean): Promise<Answer> {
      const token = randomUUID();
      const sentAtMs = performance.now();
      const answer = await client.badge(userId, categoryId, active, token);
      const answeredAtMs = performance.now();
      history.push({
        token,
        userId,
        kind: "badge",
        body: { categoryId, active },
        sentAtMs,
        answeredAtMs,
        result: resultOf(answer),
      });
      return answer;
    },
  };
}

async function verdictOf(history: readonly HistoryEntry[], batchId: number | null): Promise<Verdict> {
  const batch = batchId === null ? null : { id: batchId, runId: batchRunId(batchId), isFinished: true };
  return checkConsistency(service.admin, history, batch);
}
const rulesOf = ({ conflicts }: Verdict): string[] => conflicts.map(({ rule }) => rule);
const nothingPending = () =>
  until("an empty inbox", async () => {
    const { waiting } = await selectOne<{ waiting: number }>(
      service.admin,
      "SELECT COUNT(*) AS waiting FROM inbox WHERE status = 'pending'",
    );
    return waiting === 0;
  });
const FAULTY = (fault: Fault): readonly (readonly Fault[])[] => [[fault], []];

describe.each(FAULTY("no-row-lock"))("without the user's row lock: %s", (...faults) => {
  it("a change that no flag stopped, because it came before the batch, is written over it, or rightly before it", async () => {
    // one whose writes wait for a row as long as it takes: with flags they would be stored after a second
    await using client = await service.start({ guard: "none", faults });
    const sends = recorder(client);
    // a badge that the batch leaves as it is, so that it does not wait for the row that is held here
    const { userId, active } = await selectOne<{ userId: number; active: number }>(
      service.admin,
      `SELECT e.user_id AS userId, e.active FROM _expected_badges e JOIN _expected_targets t ON t.user_id = e.user_id
       WHERE e.category_id = 1 AND NOT e.written LIMIT 1`,
    );
    const held = await connect(service.target);
    await held.query("START TRANSACTION");
    await held.query("SELECT active FROM badges WHERE user_id = ? AND category_id = 1 FOR UPDATE", [userId]);
    const waiting = async (sessions: number) => {
      const { count } = await selectOne<{ count: number }>(
        service.admin,
        "SELECT COUNT(*) AS count FROM performance_schema.data_lock_waits",
      );
      return count >= sessions;
    };
    const change = sends.badge(userId, 1, active === 0);
    await until("the change waits for its badge", () => waiting(1));
    // without the row lock the batch passes; with it, already its start waits for the change, which holds the cut-off's row
    const starting = client.startBatch();
    await until("the batch has finished, or waits", async () => {
      const [batch] = await select<{ status: string }>(service.admin, "SELECT status FROM batches");
      return batch?.status === "finished" || (await waiting(2));
    });
    await held.query("ROLLBACK");
    await held.end();
    await change;
    const id = Number((await starting).body.id);
    expect((await client.batchEnd(id)).body.status).toBe("finished");
    await nothingPending();
    const verdict = await verdictOf(sends.history, id);
    expect(rulesOf(verdict)).toEqual(faults.length > 0 ? ["badges-final"] : []);
  });
});

describe.each(FAULTY("inbox-unordered"))("with an inbox without order: %s", (...faults) => {
  it("two stored writes of a user change places, or don't", async () => {
    await using client = await service.start({ guard: "no-wait", faults });
    const sends = recorder(client);
    const [userId = 0] = service.targets;
    const held = await holdUser(service.target, userId);
    expect((await sends.badge(userId, 1, true)).status).toBe(202);
    expect((await sends.badge(userId, 1, false)).status).toBe(202);
    await held.release();
    await nothingPending();
    expect(rulesOf(await verdictOf(sends.history, null))).toEqual(faults.length > 0 ? ["real-time-order"] : []);
  });
});

describe.each(FAULTY("bypass-inbox"))("with direct writes that don't ask the inbox: %s", (...faults) => {
  it("one overtakes what was accepted before it, or does not", async () => {
    await using client = await service.start({ guard: "no-wait", faults });
    const overtaken = async (): Promise<boolean> => {
      await service.clear();
      const sends = recorder(client);
      const userId = service.targets[1] ?? 0;
      const held = await holdUser(service.target, userId);
      expect((await sends.badge(userId, 1, true)).status).toBe(202);
      await held.release();
      // before the inbox looks again, most of the time
      await sends.badge(userId, 1, false);
      await nothingPending();
      return rulesOf(await verdictOf(sends.history, null)).includes("real-time-order");
    };
    if (faults.length === 0) for (let attempt = 0; attempt < 5; attempt += 1) expect(await overtaken()).toBe(false);
    else await until("a write overtakes another", overtaken);
  });
});

describe.each(FAULTY("no-lease"))("with flags without a lease: %s", (...faults) => {
  it("a batch that died keeps what was accepted for ever, or for its lease", { timeout: 60_000 }, async () => {
    await using client = await service.start({ guard: "memory-flag", leaseMs: 400, faults });
    const sends = recorder(client);
    const [first = 0] = service.targets;
    const last = service.targets.at(-1) ?? 0;
    await using held = await holdUser(service.target, first);
    const id = Number((await client.startBatch({ chunkUsers: 20 })).body.id);
    await until("the batch waits for the user that is held", async () => {
      const { body } = await client.call("GET", `/batches/${id}`, { token: TOKEN });
      return body.targets !== null && body.targets !== undefined;
    });
    expect((await sends.badge(last, 1, true)).status).toBe(202);
    process.kill(client.server.batchProcessId() ?? 0, "SIGKILL");
    await client.batchEnd(id);
    await held.release();
    const batch = { id, runId: batchRunId(id), isFinished: false };
    const verdict = () => checkConsistency(service.admin, sends.history, batch);
    if (faults.length === 0) {
      await nothingPending();
      expect(await verdict()).toMatchObject({ consistent: true });
      return;
    }
    // many leases later
    const from = performance.now();
    await until("ten leases have passed", async () => performance.now() - from > 4_000);
    expect(rulesOf(await verdict())).toEqual(["accepted-once"]);
  });
});
