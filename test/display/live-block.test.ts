import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { allowLiveBlocks, endLiveBlocks, openLiveBlock } from "../../lib/live-block.ts";
import { createLog, type Log } from "../../lib/log.ts";
import { ESC, fakeTerminal, type FakeTerminal } from "../support/screen.ts";

const NEVER_MS = 2 ** 31 - 1;

describe("a block that is redrawn in place", () => {
  let terminal: FakeTerminal;
  beforeEach(() => {
    vi.stubEnv("TERM", "xterm");
    terminal = fakeTerminal();
  });
  afterEach(() => vi.unstubAllEnvs());

  it("replaces the lines that it drew before, also with fewer lines", () => {
    let lines = ["one", "two", "three"];
    using block = openLiveBlock(terminal.stream, () => lines, NEVER_MS);
    expect(terminal.screen.lines).toEqual(["one", "two", "three"]);
    lines = ["1"];
    block.redraw();
    expect(terminal.screen.lines).toEqual(["1"]);
  });

  it("stays below all other output, whole lines or not", () => {
    terminal.stream.write("before\n");
    using _block = openLiveBlock(terminal.stream, () => ["[block]"], NEVER_MS);
    terminal.stream.write("a line\n");
    terminal.stream.write("no end");
    terminal.stream.write("\nstopping\n");
    expect(terminal.screen.lines).toEqual(["before", "a line", "no end", "", "stopping", "[block]"]);
  });

  it("disappears at the end, with the cursor and normal writing restored", () => {
    const block = openLiveBlock(terminal.stream, () => ["[block]"], NEVER_MS);
    expect(terminal.screen.isCursorVisible).toBe(false);
    block[Symbol.dispose]();
    block[Symbol.dispose]();
    terminal.stream.write("after\n");
    expect(terminal.screen.lines).toEqual(["after"]);
    expect(terminal.screen.isCursorVisible).toBe(true);
    expect(terminal.written().split(`${ESC}[?25h`)).toHaveLength(2);
  });

  it("receives the new size when it changes, and leaves none of the lines that a narrower terminal wraps", () => {
    const sizes: string[] = [];
    using _block = openLiveBlock(
      terminal.stream,
      ({ columns, rows }) => {
        sizes.push(`${columns}x${rows}`);
        return ["x".repeat(columns)];
      },
      NEVER_MS,
    );
    terminal.stream.write("");
    terminal.resize(40, 10);
    expect(sizes.at(0)).toBe("80x23");
    expect(sizes.at(-1)).toBe("40x9");
    // the terminal wraps the 80 columns into two lines: the block moves up over both
    expect(terminal.written().split("\r").at(-1)).toMatch(`${ESC}[2A`);
  });

  it("never has more lines than the terminal, because the cursor cannot reach scrolled lines again", () => {
    terminal.resize(80, 5);
    using _block = openLiveBlock(terminal.stream, () => Array.from({ length: 50 }, (_, index) => `${index}`), NEVER_MS);
    expect(terminal.screen.lines).toEqual(["0", "1", "2", "3"]);
  });

  it("disappears when a newer block opens", () => {
    const older = openLiveBlock(terminal.stream, () => ["older"], NEVER_MS);
    using _newer = openLiveBlock(terminal.stream, () => ["newer"], NEVER_MS);
    older[Symbol.dispose]();
    expect(terminal.screen.lines).toEqual(["newer"]);
    expect(terminal.screen.isCursorVisible).toBe(false);
  });

  it("removes its signal handlers and its exit handlers when it closes", () => {
    const events = ["exit", "SIGINT", "SIGTERM", "SIGHUP", "SIGTSTP", "SIGCONT"] as const;
    const listeners = () => events.map((event) => process.listenerCount(event as "exit"));
    const before = listeners();
    openLiveBlock(terminal.stream, () => [], NEVER_MS)[Symbol.dispose]();
    expect(listeners()).toEqual(before);
  });
});

describe("the log on a terminal", () => {
  const on = (level: Parameters<typeof createLog>[0]): { log: Log; terminal: FakeTerminal } => {
    const terminal = fakeTerminal();
    return { log: createLog(level, terminal.stream), terminal };
  };
  beforeEach(() => {
    vi.stubEnv("TERM", "xterm");
    vi.stubEnv("FORCE_COLOR", undefined);
    // In a test file before this one, a program may have ended.
    allowLiveBlocks();
  });
  afterEach(() => vi.unstubAllEnvs());

  it("draws nothing after the end of a program, and again from the start of the next one", () => {
    endLiveBlocks();
    const ended = on("normal");
    ended.log.progress("loading", 100, "rows").update(50);
    expect(ended.terminal.screen.lines.join("")).not.toContain("░");
    allowLiveBlocks();
    const { log, terminal } = on("normal");
    const progress = log.progress("loading", 100, "rows");
    progress.update(50);
    expect(terminal.screen.lines.join("")).toContain("░");
    progress.stop();
  });

  it("shows progress as one line that fits, below the logged lines", () => {
    const { log, terminal } = on("normal");
    const progress = log.progress("loading", 100, "rows of a name so long that the line would not fit otherwise, far from it");
    progress.update(50);
    log.warn("something");
    expect(terminal.screen.lines[0]).toBe("warning: something");
    expect(terminal.screen.lines[1]).toMatch(/^█{5}░{5} loading {2}50 % {2}ETA \d+ s {2}50 of 100 rows/);
    expect(terminal.screen.lines).toHaveLength(2);
    progress.stop();
    expect(terminal.screen.lines).toEqual(["warning: something"]);
  });

  it("shows the rate of slow work per minute, and that of fast work per second", () => {
    vi.stubEnv("TERM", "dumb");
    const now = vi.spyOn(performance, "now").mockReturnValue(0);
    const { log, terminal } = on("normal");
    const [trials, rows] = [log.progress("chaos", 10, "trials"), log.progress("loading", 100_000, "rows")];
    now.mockReturnValue(20_000);
    trials.update(6);
    rows.update(50_000);
    now.mockRestore();
    expect(terminal.screen.lines).toEqual([
      "chaos  60 %  ETA 14 s  6 of 10 trials  18 trials/min",
      "loading  50 %  ETA 20 s  50,000 of 100,000 rows  2,500 rows/s",
    ]);
  });

  it("prints only warnings with --quiet", () => {
    const { log, terminal } = on("quiet");
    log.info("a");
    log.progress("b", 1, "c").update(1);
    expect(log.live(() => ["d"])).toBeNull();
    log.warn("e");
    expect(terminal.screen.lines).toEqual(["warning: e"]);
  });

  it("redraws nothing on a terminal without cursor control", () => {
    vi.stubEnv("TERM", "dumb");
    const { log, terminal } = on("normal");
    log.progress("loading", 1, "rows").update(1);
    expect(log.live(() => ["d"])).toBeNull();
    expect(terminal.written()).toBe("");
  });
});
