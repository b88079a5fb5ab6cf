/**
 * The power of the checker. Each test removes one part that the service's correctness depends on, and the checker must find
 * the resulting conflict. The same steps without a fault must be consistent.
 */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { batchRunId } from "../../api/tables.ts";
import type { Fault } from "../../api/faults.ts";
import {
  checkConsistency,
  type CheckedBatch,
  type HistoryEntry,
  type Verdict,
  type WriteResult,
} from "../../consistency/index.ts";
import { listPlugIns } from "../../harness/registry.ts";
import { connect, select, selectOne } from "../../lib/connection.ts";
import { holdUser, openTestService, PATIENT, until, type Answer, type Client, type TestService } from "../api/service.ts";
import { variants } from "../support/full.ts";
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

/** Sends badge changes and starts a batch, and records outcomes and times like the client of the load. */
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
      // 503: a write in progress delays the cut-off for over a second.
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
/** The faults whose steps no other file of `npm test` takes without the fault. */
const TAKEN_HERE: readonly Fault[] = ["no-row-lock", "overtakes-inbox"];
/** Runs a test with and without a fault. */
const withAndWithout = (fault: Fault): readonly { what: string; faults: readonly Fault[] }[] =>
  variants(
    [
      { what: fault, faults: [fault] },
      { what: "no fault", faults: [] },
    ],
    ({ faults }) => faults.length > 0 || TAKEN_HERE.includes(fault),
  );

interface Badge {
  readonly userId: number;
  readonly categoryId: number;
  /** the value that the batch decides */
  readonly active: number;
}
const badgesOf = (condition: string): Promise<Badge[]> =>
  select<Badge>(
    service.admin,
    `SELECT e.user_id AS userId, e.category_id AS categoryId, e.active FROM _expected_badges e
     JOIN _expected_targets t ON t.user_id = e.user_id WHERE ${condition} ORDER BY e.user_id, e.category_id`,
  );
const untilLockWait = () =>
  until("a wait for a row lock", async () => {
    const { waits } = await selectOne<{ waits: number }>(
      service.admin,
      "SELECT COUNT(*) AS waits FROM performance_schema.data_lock_waits",
    );
    return waits > 0;
  });

describe.each(withAndWithout("no-row-lock"))(
  "the checker, with the fault that writes do not lock the user's row ($what)",
  ({ faults }) => {
    it("finds that the batch overwrites a change that passed before the flag, or the change is deferred", async () => {
      await using gate = await openGate(service.target);
      await using client = await service.start({ guard: "memory-flag", target: gate.target, faults, sessions: PATIENT });
      const sends = recorder(client);
      // Holds the batch while it writes: it has read the changes after its cut-off, and has not written the other badge yet.
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
      await untilLockWait();
      stopped.pass();
      expect((await change).status).toBe(faults.length > 0 ? 200 : 202);
      await holder.query("ROLLBACK");
      await holder.end();
      expect((await client.batchEnd(id)).body.status).toBe("finished");
      await nothingPending();
      expect(rulesOf(await verdictOf(sends))).toEqual(faults.length > 0 ? ["badges-final"] : []);
    });
  },
);

const modules = await Promise.all([listPlugIns("strategy"), listPlugIns("orm"), listPlugIns("key")]);
const [codeUrl = "", ormUrl = "", keyUrl = ""] = ["chunked", "mysql2", "identity"].map(
  (wanted, kind) => modules[kind]?.find(({ value }) => value.id === wanted)?.url,
);

describe.each(withAndWithout("ignores-cut-off"))(
  "the checker, with the fault that the cut-off waits for no write ($what)",
  ({ faults }) => {
    it("finds that a technique, which reads without a lock, misses a change in progress, or the technique sees it", async () => {
      await using gate = await openGate(service.target);
      const strategy = { codeUrl, ormUrl, keyUrl, workers: 1, split: null, parallel: null };
      await using client = await service.start({
        guard: "memory-flag",
        target: gate.target,
        strategy,
        faults,
        sessions: PATIENT,
      });
      const sends = recorder(client);
      const [badge] = await badgesOf("NOT e.written");
      if (badge === undefined) throw new Error("the batch changes every badge");
      const token = randomUUID();
      // At this point the change has locked its row and read the cut-off.
      const stopping = gate.next(statementOf(token, 2));
      const change = sends.badge(badge.userId, badge.categoryId, badge.active === 0, token);
      const stopped = await stopping;
      // Without the fault the start of the batch waits for the change.
      const starting = sends.startBatch({ style: "strategy" });
      await untilLockWait();
      stopped.pass();
      expect((await change).status).toBe(200);
      expect((await client.batchEnd(await starting)).body.status).toBe("finished");
      expect(rulesOf(await verdictOf(sends))).toEqual(faults.length > 0 ? ["badges-final"] : []);
    });
  },
);

describe.each(withAndWithout("stale-stamp"))(
  "the checker, with the fault that changes claim to precede the cut-off ($what)",
  ({ faults }) => {
    it("finds an overwritten change by its client's clock although the stamp agrees, or the change wins", async () => {
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
  },
);

describe.each(withAndWithout("inbox-unordered"))(
  "the checker, with the fault that the inbox has no order ($what)",
  ({ faults }) => {
    it("finds two stored writes of a user in the wrong order, or they keep their order", async () => {
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
  },
);

describe.each(withAndWithout("overtakes-inbox"))(
  "the checker, with the fault that direct writes ignore the inbox ($what)",
  ({ faults }) => {
    it("finds a write that overtakes an accepted one, or none overtakes", async () => {
      await using gate = await openGate(service.target);
      await using client = await service.start({ guard: "no-wait", target: gate.target, faults, sessions: PATIENT });
      const sends = recorder(client);
      const userId = service.targets[1] ?? 0;
      await using held = await holdUser(service.target, userId);
      // The inbox has begun its first attempt, and holds no lock. Without this stop, the fault showed only after 3 s to 37 s of attempts.
      const stopping = gate.next((sent) => sent.includes("SELECT id FROM users WHERE id = ? FOR UPDATE NOWAIT"));
      expect((await sends.badge(userId, 1, true)).status).toBe(202);
      const stopped = await stopping;
      await held.release();
      expect((await sends.badge(userId, 1, false)).status).toBe(faults.length > 0 ? 200 : 202);
      stopped.pass();
      await nothingPending();
      expect(rulesOf(await verdictOf(sends))).toEqual(faults.length > 0 ? ["last-change-wins", "real-time-order"] : []);
    });
  },
);

describe.each(["hints-not-raised", "hints-not-lowered"] as const)("with the fault %s", (fault) => {
  it("the checker finds no conflict: rows decide, and a hint is advice", async () => {
    await using client = await service.start({ guard: "memory-flag", faults: [fault], sessions: PATIENT });
    const sends = recorder(client);
    // The batch runs until the release of this user.
    await using held = await holdUser(service.target, service.targets.at(-2) ?? 0);
    const id = await sends.startBatch({ chunkUsers: 20 });
    await sends.cutOff();
    // Users that are done, at work and undone.
    const statuses: number[] = [];
    // On a busy machine, all requests at once exceed what the service accepts.
    for (let first = 0; first < 36; first += 6) {
      const answers = service.targets
        .slice(first, first + 6)
        .map(async (userId) => (await sends.badge(userId, 1, userId % 2 === 0)).status);
      statuses.push(...(await Promise.all(answers)));
    }
    expect(statuses.filter((status) => status !== 200 && status !== 202)).toEqual([]);
    await held.release();
    expect((await client.batchEnd(id)).body.status).toBe("finished");
    // A hint that stays delays a stored write by two leases.
    const late = (await sends.badge(service.targets.at(-1) ?? 0, 1, true)).status;
    if (fault === "hints-not-lowered") expect(late).toBe(202);
    await nothingPending();
    expect(rulesOf(await verdictOf(sends))).toEqual([]);
  });
});
