/** The actions of a fault in a trial, without a cluster. */
import { describe, expect, it, vi } from "vitest";
import { startRun, untilNoRun, untilSelected, whileFailing } from "../../harness/chaos/failing.ts";
import type { Stage } from "../../harness/chaos/fault.ts";
import type { ChaosMember } from "../../harness/chaos/member.ts";
import type { Held } from "../../harness/chaos/proxy/held.ts";
import { beforeKey, insideDrain, type Point, type Statement } from "../../harness/chaos/proxy/points.ts";
import { TrialStage, type StageParts } from "../../harness/chaos/stage.ts";

/** A member whose proxy holds a statement when the test sends it. */
class FakeMember {
  readonly passed: string[] = [];
  readonly waiting = new Set<{ readonly point: Point; readonly resolve: (held: Held | null) => void }>();
  readonly refused: string[] = [];

  readonly proxy = {
    next: (point: Point, signal: AbortSignal): Promise<Held | null> => {
      const { promise, resolve } = Promise.withResolvers<Held | null>();
      if (signal.aborted) return Promise.resolve(null);
      const waiting = { point, resolve };
      this.waiting.add(waiting);
      signal.addEventListener("abort", () => this.waiting.delete(waiting) && resolve(null), { once: true });
      return promise;
    },
  };

  send(sql: string): void {
    const statement: Statement = { sql, isRound: false };
    const [first] = [...this.waiting].filter(({ point }) => point(statement));
    if (first === undefined) return void this.passed.push(sql);
    this.waiting.delete(first);
    const held = { isAlive: true, pass: () => this.passed.push(sql), refuse: () => this.refused.push(sql) };
    first.resolve(held as unknown as Held);
  }
}

function stageOf(members: readonly FakeMember[] = []): TrialStage {
  const cluster = { members, options: { leaseMs: 1_000, poolConnections: 4 } };
  return new TrialStage({ cluster, seed: 3, targets: 10, server: null, admin: null } as unknown as StageParts);
}

const asMembers = (members: readonly FakeMember[]): readonly ChaosMember[] => members as unknown as readonly ChaosMember[];

describe("the marks of a trial", () => {
  it("count it as reached after one mark before the end of the run", () => {
    const stage = stageOf();
    expect(stage.hasActedBefore(Number.POSITIVE_INFINITY)).toBe(false);
    stage.mark("a member killed");
    expect(stage.hasActedBefore(Number.POSITIVE_INFINITY)).toBe(true);
    expect(stage.hasActedBefore(Number.NEGATIVE_INFINITY)).toBe(false);
  });

  it("end at the last act of a repeated fault, and a remark is no act", async () => {
    const stage = stageOf();
    const last = (): number => stage.lastActAtMs(Number.POSITIVE_INFINITY) ?? Number.NaN;
    expect(stage.lastActAtMs(Number.POSITIVE_INFINITY)).toBeNull();
    stage.mark("requested every 200 ms");
    const firstMs = last();
    await stage.wait(1);
    stage.again();
    const secondMs = last();
    expect(secondMs).toBeGreaterThan(firstMs);
    await stage.wait(1);
    stage.remark("3 requests accepted");
    expect(last()).toBe(secondMs);
    expect(stage.lastActAtMs(firstMs)).toBe(firstMs);
    expect(stage.marks).toHaveLength(2);
  });

  it("count it as not reached after a fault states that it missed its state", () => {
    const stage = stageOf();
    stage.mark("a round held");
    stage.missed("the session of the held round has ended");
    expect(stage.hasActedBefore(Number.POSITIVE_INFINITY)).toBe(false);
    expect(stage.marks.map(({ what, isAct }) => ({ what, isAct }))).toEqual([
      { what: "a round held", isAct: true },
      { what: "not reached: the session of the held round has ended", isAct: false },
    ]);
  });

  it("must come from each of several faults at the same time", () => {
    const stage = stageOf();
    const [one, other] = [stage.part(), stage.part()];
    one.mark("a member killed");
    one.mark("another member killed");
    expect(stage.hasActedBefore(Number.POSITIVE_INFINITY)).toBe(false);
    other.mark("an answer lost");
    expect(stage.hasActedBefore(Number.POSITIVE_INFINITY)).toBe(true);
    expect(stage.marks).toHaveLength(3);
    one.missed("it had no further round");
    expect(stage.hasActedBefore(Number.POSITIVE_INFINITY)).toBe(false);
  });
});

describe("faults at the same time", () => {
  it("have their own draws, so that a trial replays whatever comes first", () => {
    const drawn = (order: readonly number[]): number[] => {
      const stage = stageOf();
      const parts = [stage.part(), stage.part()];
      const found = [0, 0];
      for (const index of order) found[index] = parts[index]?.draw(1_000_000) ?? 0;
      return found;
    };
    expect(drawn([0, 1])).toEqual(drawn([1, 0]));
  });

  it("make the run last as long as the one with the longest pause needs", () => {
    const stage = stageOf();
    stage.part().pauseAtLeast(500);
    stage.part().pauseAtLeast(200);
    expect(stage.pauseMs).toBe(500);
  });
});

describe("the first member at a point", () => {
  it("is held, and the statements of all others pass", async () => {
    const members = [new FakeMember(), new FakeMember()];
    const [first, second] = members;
    const reaching = stageOf(members).reachFirst(insideDrain);
    // in the same instant
    second?.send("UPDATE inbox SET status = 1");
    first?.send("UPDATE inbox SET status = 2");
    const reached = await reaching;
    first?.send("UPDATE inbox SET status = 3");
    expect(reached?.member).toBe(second);
    expect(second?.passed).toEqual([]);
    expect(first?.passed).toEqual(["UPDATE inbox SET status = 2", "UPDATE inbox SET status = 3"]);
  });

  it("is null after the end of the run, and no later statement is held", async () => {
    const member = new FakeMember();
    const stage = stageOf([member]);
    const reaching = stage.reachFirst(insideDrain);
    stage.ended();
    expect(await reaching).toBeNull();
    member.send("UPDATE inbox SET status = 1");
    expect(member.passed).toHaveLength(1);
  });
});

describe("the point before the key of a write", () => {
  it("matches the statement that reserves a key, and not the one that logs a write, which the inbox sends too", () => {
    const isBeforeKey = (sql: string): boolean => beforeKey({ sql, isRound: false });
    expect(isBeforeKey("INSERT INTO write_keys (token, body_hash) VALUES (?, ?)")).toBe(true);
    expect(isBeforeKey("INSERT INTO write_log (token) VALUES (?)")).toBe(false);
  });
});

describe("statements that fail", () => {
  it("fail until the work ends, also when the work fails", async () => {
    const member = new FakeMember();
    const failing = whileFailing(asMembers([member]), insideDrain, async () => {
      member.send("UPDATE inbox SET status = 1");
      await Promise.resolve();
      throw new Error("the service did not start the run");
    });
    await expect(failing).rejects.toThrow("did not start");
    expect(member.refused).toHaveLength(1);
    member.send("UPDATE inbox SET status = 2");
    expect(member.passed).toEqual(["UPDATE inbox SET status = 2"]);
  });
});

describe("a run of a fault", () => {
  const [member] = asMembers([new FakeMember()]);
  if (member === undefined) throw new Error("there is no member");

  /** Each wait takes a second by the clock, and no time. */
  function waitingStage(changes: Partial<Stage>): Stage {
    vi.useFakeTimers({ toFake: ["performance"] });
    return {
      runEnded: new AbortController().signal,
      wait: async () => void vi.advanceTimersByTime(1_000),
      ...changes,
    } as Stage;
  }

  it.each([
    { what: "the service refuses its request", act: (stage: Stage) => startRun(stage, member), says: "did not start the run" },
    { what: "no member selects its users", act: untilSelected, says: "did not select" },
  ])("is a failure of the service, which the runner repeats, when $what for 20 s", async ({ act, says }) => {
    const stage = waitingStage({ trigger: async () => 503, openRuns: async () => 1 });
    try {
      await expect(act(stage)).rejects.toMatchObject({
        code: "SERVICE_FAILED",
        message: expect.stringContaining(says) as string,
      });
      expect(await untilNoRun(stage)).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });

  it("is not waited for after an interruption", async () => {
    const runEnded = AbortSignal.abort();
    const wait = vi.fn<Stage["wait"]>();
    const stage = { runEnded, wait, trigger: async () => 503, openRuns: async () => 1 } as unknown as Stage;
    await startRun(stage, member);
    await untilSelected(stage);
    expect(await untilNoRun(stage, runEnded)).toBe(false);
    expect(wait).not.toHaveBeenCalled();
  });
});
