import { describe, expect, it } from "vitest";
import { readAnswer } from "../../harness/run/child-messages.ts";
import { checkedUsage, clockMismatch, countedWallMs, watchFromOutside, type OutsideView } from "../../harness/run/clock-check.ts";
import { missingWork } from "../../harness/run/least-work.ts";

const QUIET: OutsideView = { wallMs: 1_000, delayMs: 0, cpuMs: 400, peakRssBytes: 200e6, waitedMs: 0 };

describe("the time that a measuring process reports", () => {
  it.each([
    ["within 25 ms and 1 % of a quiet sample", 966, {}, true],
    ["beyond 25 ms and 1 % of a quiet sample", 964, {}, false],
    ["longer than the time outside", 1_040, {}, false],
    ["within the delay of this process that was seen", 900, { delayMs: 70 }, true],
    ["within the time that the child waited for a CPU", 900, { waitedMs: 70 }, true],
    ["a forged time after any delay", 0.01, { delayMs: 5_000, waitedMs: 5_000 }, false],
  ])("is %s", (_case, wallMs, parts, accepted) => {
    expect(clockMismatch({ wallMs }, { ...QUIET, ...parts }) === null).toBe(accepted);
  });
});

describe("the time of a sample", () => {
  it("is that of the measuring process within 25 ms and 1 %", () => {
    expect(countedWallMs({ wallMs: 966 }, QUIET)).toEqual({ wallMs: 966, warning: null });
  });
  it("is that of bench when only a delay explains the difference, which a plug-in can cause", () => {
    expect(countedWallMs({ wallMs: 900 }, { ...QUIET, delayMs: 70 })).toEqual({
      wallMs: 1_000,
      warning:
        "the measured process reported 900.0 ms, and bench saw 1000.0 ms on a crowded machine; the record has the time that bench saw",
    });
  });
});

describe("a message of a measuring process", () => {
  const measured = {
    complete: true,
    shares: [{ throughUserId: 10, targetsDone: 3 }],
    wallMs: 5,
    phaseMs: { read: 1, badges: 1, grades: 1, coupons: 1 },
    retries: 0,
    clientCpuMs: 4,
    peakRssBytes: 1e8,
    eventLoopDelayP99Ms: null,
  };
  const { shares, ...rest } = measured;
  it("is accepted as the protocol defines it, also from a strategy that counts no targets", () => {
    expect(readAnswer({ type: "done", measured })).toEqual({
      type: "done",
      measured: { ...rest, partitions: shares },
    });
    expect(readAnswer({ type: "progress", shareIndex: 0, throughUserId: 4, targetsDone: Number.NaN })).toEqual({
      type: "progress",
      partitionIndex: 0,
      targetsDone: 0,
      throughUserId: 4,
    });
  });
  it.each([
    ["no result", { type: "done" }, " (measured)"],
    ["a negative time", { type: "done", measured: { ...measured, wallMs: -1 } }, " (measured.wallMs)"],
    ["no number as time", { type: "done", measured: { ...measured, wallMs: Number.NaN } }, " (measured.wallMs)"],
    [
      "text as the last user",
      { type: "done", measured: { ...measured, shares: [{ throughUserId: "9 OR 1", targetsDone: 0 }] } },
      " (measured.shares.0.throughUserId)",
    ],
    ["progress of an endless list", { type: "progress", shareIndex: -1, throughUserId: 1, targetsDone: 1 }, " (shareIndex)"],
    ["an unknown type", { type: "verified" }, " (type)"],
    ["nothing", null, ""],
  ])("is refused with %s", (_case, message, where) => {
    expect(() => readAnswer(message)).toThrow(`the measured process sent a message that bench does not accept${where}: `);
  });
});

describe("CPU time and memory of a measuring process", () => {
  const measured = { clientCpuMs: 390, peakRssBytes: 195e6 };
  it("keep the reported values, which are finer, when the kernel confirms them", () => {
    expect(checkedUsage(measured, QUIET)).toEqual({ clientCpuMs: 390, peakRssBytes: 195e6, warning: null });
  });
  it("are the kernel's with a warning when the process reports less", () => {
    expect(checkedUsage({ ...measured, clientCpuMs: 1, peakRssBytes: 1 }, QUIET)).toMatchObject({
      clientCpuMs: 400,
      peakRssBytes: 200e6,
      warning: expect.stringContaining("than the kernel"),
    });
  });
  it("keep the reported values on a system that shows none", () => {
    const blind = { ...QUIET, cpuMs: null, peakRssBytes: null, waitedMs: null };
    expect(checkedUsage(measured, blind)).toEqual({ clientCpuMs: 390, peakRssBytes: 195e6, warning: null });
  });
  it.runIf(process.platform === "linux")("are read by the pid of the process", async () => {
    const view = await (await watchFromOutside(process.pid))(5);
    expect(view.wallMs).toBe(5);
    expect(view.cpuMs).toBeGreaterThanOrEqual(0);
    expect(view.peakRssBytes).toBeGreaterThan(10e6);
    expect(view.waitedMs).toBeGreaterThanOrEqual(0);
  });
});

describe("the least work of the job", () => {
  const least = { rowsWritten: 3_000, paidOrders: 10_000 };
  it.each([
    ["an honest sample", { rowsInserted: 2_000, rowsUpdated: 1_000, rowsRead: 15_900 }, null],
    ["rows that came from elsewhere", { rowsInserted: 0, rowsUpdated: 12, rowsRead: 15_900 }, /inserted and updated 12 rows/],
    ["orders that were not read", { rowsInserted: 2_000, rowsUpdated: 1_000, rowsRead: 9_999 }, /read 9999 rows/],
    ["a server without counters", { rowsInserted: null, rowsUpdated: null, rowsRead: null }, null],
  ])("decides about %s", (_case, counts, reason) => {
    const missing = missingWork(counts, least);
    if (reason === null) expect(missing).toBeNull();
    else expect(missing).toMatch(reason);
  });
  it("does not count reads of a job that a limit stopped", () => {
    expect(missingWork({ rowsInserted: 50, rowsUpdated: 0, rowsRead: 3 }, { rowsWritten: 40, paidOrders: null })).toBeNull();
  });
});
