/**
 * The checker's power: each thing that the service's correctness rests on is taken out in turn, and what comes of it must be
 * caught; the same with nothing taken out must be consistent.
 */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { batchRunId } from "../../api/tables.ts";
import type { Fault } from "../../api/options.ts";
import {
  checkConsistency,
  type CheckedBatch,
  type HistoryEntry,
  type Verdict,
  type WriteResult,
} from "../../consistency/index.ts";
import { listPlugIns } from "../../harness/registry.ts";
import { connect, select, selectOne } from "../../lib/connection.ts";
import { holdUser, openTestService, TOKEN, until, type Answer, type Client, type TestService } from "../api/service.ts";
import { openGate, statementOf } from "../support/gate.ts";

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

/** Sends badges and starts a batch, and remembers what came of them and when, as the load's client does. */
function recorder(client: Client) {
  const history: HistoryEntry[] = [];
  let batch: CheckedBatch | null = null;
  return {
    history,
    get batch() {
      return batch;
    },
    async startBatch(body: Record<string, unknown> = {}): Promise<number> {
      const requestedAtMs = performance.now();
      // 503: a write under way is in its way for long
      const id = await until("the batch's start", async () => {
        const { status, body: started } = await client.startBatch(body);
        return status !== 503 && Number(started.id);
      });
      batch = { id, runId: batchRunId(id), isFinished: true, requestedAtMs, cutOffSeenAtMs: null };
      return id;
    },
    async cutOff(): Promise<void> {
      await until("the cut-off", async () => {
        const { batchId } = await selectOne<{ batchId: number }>(service.admin, "SELECT batch_id AS batchId FROM batch_cutoff");
        return batchId === batch?.id;
      });
      if (batch !== null) batch = { ...batch, cutOffSeenAtMs: performance.now() };
    },
    async badge(userId: number, categoryId: number, active: boolean, token: string = randomUUID()): Promise<Answer> {
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

const verdictOf = ({ history, batch }: ReturnType<typeof recorder>): Promise<Verdict> =>
  checkConsistency(service.admin, history, batch);
const rulesOf = ({ conflicts }: Verdict): string[] => conflicts.map(({ rule }) => rule);
const nothingPending = () =>
  until("an empty inbox", async () => {
    const { waiting } = await selectOne<{ waiting: number }>(
      service.admin,
      "SELECT COUNT(*) AS waiting FROM inbox WHERE status = 'pending'",
    );
    return waiting === 0;
  });
/** With and without it. */
const without = (fault: Fault): { what: string; faults: readonly Fault[] }[] => [
  { what: fault, faults: [fault] },
  { what: "nothing taken out", faults: [] },
];

interface Badge {
  readonly userId: number;
  readonly categoryId: number;
  /** what the batch decides */
  readonly active: number;
}
const badgesOf = (condition: string): Promise<Badge[]> =>
  select<Badge>(
    service.admin,
    `SELECT e.user_id AS userId, e.category_id AS categoryId, e.active FROM _expected_badges e
     JOIN _expected_targets t ON t.user_id = e.user_id WHERE ${condition} ORDER BY e.user_id, e.category_id`,
  );
const somebodyWaits = () =>
  until("somebody waits for a row", async () => {
    const { waits } = await selectOne<{ waits: number }>(
      service.admin,
      "SELECT COUNT(*) AS waits FROM performance_schema.data_lock_waits",
    );
    return waits > 0;
  });

describe.each(without("no-row-lock"))("under the flag, without the user's row lock: $what", ({ faults }) => {
  it("a change that passed before the flag was raised is written over, or is put off", async () => {
    await using gate = await openGate(service.target);
    await using client = await service.start({ guard: "memory-flag", target: gate.target, faults });
    const sends = recorder(client);
    // the batch is held while it writes, when it has read which changes came after its cut-off, and has still to write the other
    const written = await badgesOf("e.written");
    const held = written[0];
    const other = written.find(({ userId }) => userId !== held?.userId);
    if (held === undefined || other === undefined) throw new Error("the batch writes too little");
    const holder = await connect(service.target);
    await holder.query("START TRANSACTION");
    await holder.query("SELECT 1 FROM badges WHERE user_id = ? AND category_id = ? FOR UPDATE", [held.userId, held.categoryId]);

    const token = randomUUID();
    const stopping = gate.next(statementOf(token));
    const change = sends.badge(other.userId, other.categoryId, other.active === 0, token);
    const stopped = await stopping;
    const id = await sends.startBatch();
    await somebodyWaits();
    stopped.pass();
    expect((await change).status).toBe(faults.length > 0 ? 200 : 202);
    await holder.query("ROLLBACK");
    await holder.end();
    expect((await client.batchEnd(id)).body.status).toBe("finished");
    await nothingPending();
    expect(rulesOf(await verdictOf(sends))).toEqual(faults.length > 0 ? ["badges-final"] : []);
  });
});

const modules = await Promise.all([listPlugIns("strategy"), listPlugIns("orm"), listPlugIns("key")]);
const [codeUrl = "", ormUrl = "", keyUrl = ""] = ["chunked", "mysql2", "identity"].map(
  (wanted, kind) => modules[kind]?.find(({ value }) => value.id === wanted)?.url,
);

describe.each(without("no-cut-off-lock"))("with a cut-off that waits for nobody: $what", ({ faults }) => {
  it("a change under way is missed by a technique, which reads without a lock, or seen by it", async () => {
    await using gate = await openGate(service.target);
    const strategy = { codeUrl, ormUrl, keyUrl };
    await using client = await service.start({ guard: "memory-flag", target: gate.target, strategy, faults });
    const sends = recorder(client);
    const [badge] = await badgesOf("NOT e.written");
    if (badge === undefined) throw new Error("the batch changes every badge");
    const token = randomUUID();
    // its row is locked and the cut-off read by now
    const stopping = gate.next(statementOf(token, 2));
    const change = sends.badge(badge.userId, badge.categoryId, badge.active === 0, token);
    const stopped = await stopping;
    // already its start waits for the change, unless nothing keeps it
    const starting = sends.startBatch({ style: "strategy" });
    await somebodyWaits();
    stopped.pass();
    expect((await change).status).toBe(200);
    expect((await client.batchEnd(await starting)).body.status).toBe("finished");
    expect(rulesOf(await verdictOf(sends))).toEqual(faults.length > 0 ? ["badges-final"] : []);
  });
});

describe.each(without("stale-stamp"))("with changes stamped as if they came before the cut-off: $what", ({ faults }) => {
  it("one is written over, and its own stamp agrees, but not its client's clock; or it wins", async () => {
    await using client = await service.start({ guard: "no-wait", faults });
    const sends = recorder(client);
    const badge = (await badgesOf("NOT e.written")).at(-1);
    if (badge === undefined) throw new Error("the batch changes every badge");
    const held = await holdUser(service.target, service.targets[0] ?? 0);
    const id = await sends.startBatch({ chunkUsers: 10 });
    await sends.cutOff();
    expect((await sends.badge(badge.userId, badge.categoryId, badge.active === 0)).status).toBe(200);
    await held.release();
    expect((await client.batchEnd(id)).body.status).toBe("finished");
    expect(rulesOf(await verdictOf(sends))).toEqual(faults.length > 0 ? ["last-change-wins"] : []);
  });
});

describe.each(without("inbox-unordered"))("with an inbox without order: $what", ({ faults }) => {
  it("two stored writes of a user change places, or don't", async () => {
    await using client = await service.start({ guard: "no-wait", faults });
    const sends = recorder(client);
    const [userId = 0] = service.targets;
    const held = await holdUser(service.target, userId);
    expect((await sends.badge(userId, 1, true)).status).toBe(202);
    expect((await sends.badge(userId, 1, false)).status).toBe(202);
    await held.release();
    await nothingPending();
    expect(rulesOf(await verdictOf(sends))).toEqual(faults.length > 0 ? ["last-change-wins", "real-time-order"] : []);
  });
});

describe.each(without("bypass-inbox"))("with direct writes that don't ask the inbox: $what", ({ faults }) => {
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
      return rulesOf(await verdictOf(sends)).includes("real-time-order");
    };
    if (faults.length === 0) for (let attempt = 0; attempt < 5; attempt += 1) expect(await overtaken()).toBe(false);
    else await until("a write overtakes another", overtaken);
  });
});

describe.each(without("no-lease"))("with flags without a lease: $what", ({ faults }) => {
  it("a batch that died keeps what was accepted for ever, or for its lease", { timeout: 60_000 }, async () => {
    await using client = await service.start({ guard: "memory-flag", leaseMs: 400, faults });
    const sends = recorder(client);
    const [first = 0] = service.targets;
    const last = service.targets.at(-1) ?? 0;
    await using held = await holdUser(service.target, first);
    const id = await sends.startBatch({ chunkUsers: 20 });
    await until("the batch waits for the user that is held", async () => {
      const { body } = await client.call("GET", `/batches/${id}`, { token: TOKEN });
      return body.targets !== null && body.targets !== undefined;
    });
    expect((await sends.badge(last, 1, true)).status).toBe(202);
    process.kill(client.server.batchProcessId() ?? 0, "SIGKILL");
    await client.batchEnd(id);
    await held.release();
    const verdict = () => checkConsistency(service.admin, sends.history, sends.batch && { ...sends.batch, isFinished: false });
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
