/** Help and the forms of values. */
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { guardIds } from "../../api/guards/registry.ts";
import {
  duration,
  durationFrom0,
  durationsFrom0,
  oneOf,
  percent,
  positiveInteger,
  wholeNumbers,
  type Parser,
} from "../../harness/commands/values.ts";
import { parseRequirements } from "../../harness/gate/requirements.ts";
import { parseFilter } from "../../harness/plan/axes.ts";
import { createProgram } from "../../harness/program.ts";
import { listPlugIns } from "../../harness/registry.ts";
import { count, duration as shownDuration, percent as shownPercent } from "../../harness/text/format.ts";
import { benchInProcess } from "../support/in-process.ts";

const helpOf = async (...verb: string[]): Promise<string> => {
  const { code, stdout } = await benchInProcess([...verb, "--help"]);
  expect(code).toBe(0);
  return stdout.replaceAll(/\s+/g, " ");
};
const idsOf = async (kind: Parameters<typeof listPlugIns>[0]): Promise<string[]> =>
  (await listPlugIns(kind)).map(({ value }) => value.id);

describe("help", () => {
  it.each([[["run"]], [["gate"]], [["report"]], [["reproduce"]]])("lists every format: bench %j", async (verb) => {
    expect(await helpOf(...verb)).toContain(`(names: ${(await idsOf("reporter")).join(", ")})`);
  });
  it("lists every strategy, library, key and suite of bench run", async () => {
    const help = await helpOf("run");
    for (const kind of ["orm", "key", "suite"] as const) expect(help).toContain(`(names: ${(await idsOf(kind)).join(", ")})`);
    for (const id of [...(await idsOf("strategy")), ...(await idsOf("preset"))]) expect(help).toContain(id);
  });
  it.each([[["api", "run"]], [["api", "serve"]], [["api", "cluster", "up"]]])("lists every guard: bench %j", async (verb) => {
    expect(await helpOf(...verb)).toContain(`(names: ${(await guardIds()).join(", ")})`);
  });
  it("names the units of every option that takes a time, and takes no time without a unit in its name", async () => {
    const program = await createProgram();
    const everyVerb = (verb: Command): Command[] => [verb, ...verb.commands.flatMap(everyVerb)];
    const options = everyVerb(program).flatMap((verb) => [...verb.options]);
    const times = options.filter(({ flags }) => /<times?>/.test(flags));
    expect(times.length).toBeGreaterThanOrEqual(8);
    for (const { description, long } of times) expect(description, long).toContain("units: ms, s, min, h");
    expect(options.filter(({ flags }) => /<ms>|-ms\b/.test(flags))).toEqual([]);
  });
});

const rtt = durationsFrom0({ maxMs: 1_000, name: "1,000 ms" });

describe("a value", () => {
  it.each<[string, Parser<unknown>, unknown]>([
    ["500ms", duration, 500],
    ["2 ms", duration, 2],
    ["5m", duration, 300_000],
    ["1h", duration, 3_600_000],
    ["~3.03 s", duration, 3_030],
    ["≤ 30.0 s", duration, 30_000],
    ["0", durationFrom0({ maxMs: 1_000, name: "1 s" }), 0],
    ["0ms", durationFrom0({ maxMs: 1_000, name: "1 s" }), 0],
    ["0,0.5ms,2 ms,+1 ms,1s", rtt, [0, 0.5, 2, 1, 1_000]],
    ["0,0.5", rtt, [0, 0.5]],
    ["1,000", positiveInteger({ max: 10_000 }), 1_000],
    ["1,000,000", positiveInteger({ max: 1e7 }), 1_000_000],
    ["~332,822", positiveInteger({ max: 1e7 }), 332_822],
    ["95 %", percent({ min: 1, max: 100 }), 95],
    ["READ-COMMITTED", oneOf(["read-committed", "serializable"]), "read-committed"],
    ["READ COMMITTED", oneOf(["read-committed", "serializable"]), "read-committed"],
    ["100,500", wholeNumbers({ min: 1, max: 1_000 }), [100, 500]],
  ])("is accepted as reports print it: %s", (given, parse, wanted) => {
    expect(parse(given)).toEqual(wanted);
  });

  it("round-trips through the formats of reports", () => {
    for (const ms of [0.21, 950, 8_120, 99_900, 636_000]) {
      const shown = shownDuration(ms);
      expect(Math.abs(duration(shown) - ms) / ms, shown).toBeLessThan(0.01);
    }
    expect(positiveInteger({ max: 1e9 })(count(1_234_567))).toBe(1_234_567);
    expect(percent({ min: 1, max: 100 })(shownPercent(0.05))).toBe(5);
  });

  it.each<[string, Parser<unknown>, RegExp]>([
    ["120", duration, /not a time such as 500ms/],
    ["1,000", wholeNumbers({ min: 1, max: 10_000 }), /contains 000\. A comma separates values: write 1000/],
    ["2h", rtt, /from 0 to 1,000 ms, not 2h/],
    ["1,00", positiveInteger({ max: 10_000 }), /"1,00" is not a number/],
  ])("is refused with its text otherwise: %s", (given, parse, said) => {
    expect(() => parse(given)).toThrow(said);
  });

  it("of a condition and of an axis takes the form of reports", () => {
    const conditions = parseRequirements("statements<=1,204,wall<10.6 min, rss<97 MiB,cpu<5m");
    expect(conditions.map(({ metric, limit }) => [metric, limit])).toEqual([
      ["statements", 1_204],
      ["wall", 636_000],
      ["rss", 97 * 2 ** 20],
      ["cpu", 300_000],
    ]);
    expect(Object.fromEntries(parseFilter("chunk=1,000,rtt=+2 ms,isolation=READ-COMMITTED"))).toEqual({
      chunk: "1000",
      rtt: "2",
      isolation: "read-committed",
    });
  });
});

describe("--dry-run", () => {
  it("shows users, orders and the estimated time", async () => {
    const { code, stdout } = await benchInProcess(["run", "--suite", "quick", "--dry-run"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^data: 30,000 users, 1,000,000 orders, seed 1$/m);
    expect(stdout).toMatch(/^time: about \d+\.\d (min|s) for a server on this machine/m);
    const scaled = await benchInProcess(["gate", "chunked", "--require", "rss<1GB", "--scale", "0.01", "--dry-run"]);
    expect(scaled.stdout).toContain("data: 300 users, 10,000 orders");
  });
  it("shows the most informative cells first when the time limit cuts the first round, and a random order otherwise", async () => {
    const cells = async (limit: string): Promise<string[]> => {
      const { stdout } = await benchInProcess(["run", "--suite", "orms", "--time-limit", limit, "--dry-run"]);
      expect(stdout).toMatch(/^limit: .*, after which bench run --resume continues$/m);
      return stdout.match(/(?<=^ {2})\w\S+\/\S+/gm) ?? [];
    };
    const [cut, whole] = [await cells("2min"), await cells("10h")];
    expect(cut[0]).toBe("set-based/mysql2/identity");
    expect(cut[1]).toMatch(/^chunked\//);
    expect(cut).not.toEqual(whole);
    expect(cut.toSorted()).toEqual(whole.toSorted());
  });
  it("estimates more time for more rounds, more data and a longer round trip, and names cells without an estimate", async () => {
    const msOf = async (...args: string[]): Promise<number> => {
      const { stdout } = await benchInProcess(["run", "chunked", "--orm", "mysql2", ...args, "--dry-run", "--json"]);
      return (JSON.parse(stdout) as { estimatedMs: number }).estimatedMs;
    };
    const base = await msOf("--scale", "0.1");
    expect(await msOf("--scale", "0.1", "--rounds", "6")).toBe(2 * base);
    expect(await msOf("--scale", "1")).toBeGreaterThan(base);
    expect(await msOf("--scale", "0.1", "--add-rtt", "50ms")).toBeGreaterThan(base);
    const { stdout } = await benchInProcess(["run", "test/plugins/does-nothing.ts", "--orm", "mysql2", "--dry-run", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ dataset: { users: 30_000, orders: 1_000_000 } });
  });
});
