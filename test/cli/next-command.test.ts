import { describe, expect, it } from "vitest";
import { Command } from "commander";
import { givenArguments } from "../../harness/commands/given-arguments.ts";
import { addDatabaseOptions } from "../../harness/commands/options.ts";
import { nextCommand } from "../../harness/commands/next-command.ts";
import type { RunResults } from "../../harness/results/records.ts";
import { recordedCell, recordedRun, recordedSample, wrong } from "../support/records.ts";
import { bench } from "../support/bench.ts";
import { benchInProcess } from "../support/in-process.ts";

const KNOWN = { strategies: new Set(["chunked", "naive", "set-based"]), orms: new Set(["mysql2", "prisma"]), suiteOrms: null };
const chunked = recordedCell({ strategy: "chunked", orm: "prisma", chunkUsers: 500 });
const naive = recordedCell({ strategy: "naive", orm: "mysql2" });
const own = recordedCell({ strategy: "my-way", orm: "mysql2", code: "my-way.ts" });
const stranger = recordedCell({ strategy: "naive", orm: "my-orm" });

const next = (results: RunResults) => nextCommand(results, "results/one run", KNOWN)?.command ?? null;
const rounds = (cells: Parameters<typeof recordedRun>[0], count: number) =>
  recordedRun(
    cells,
    Array.from({ length: count }, (_, index) =>
      cells.map((cell, position) => recordedSample(cell, index + 1, { wallMs: 1_000 * (position + 1) })),
    ).flat(),
  );

describe("the next useful command", () => {
  it("resumes an interrupted run, with its folder and paths quoted for a shell", () => {
    const cut = { ...rounds([chunked, naive, own], 3), end: null };
    const { samples } = cut;
    expect(next({ ...cut, samples: samples.slice(1) })).toBe("run --resume 'results/one run' PATH/TO/my-way.ts");
  });

  it("traces a cell that failed, with one worker because one user cannot be partitioned", () => {
    const workers = { ...chunked, id: "chunked/prisma/identity/chunk=500/workers=6", workers: 6 };
    const failed = recordedRun([naive, workers], [recordedSample(naive, 1), recordedSample(workers, 1, wrong("rows"))]);
    expect(next(failed)).toBe("trace chunked/prisma/identity/chunk=500");
  });

  it("repeats the suite or the requested cells with enough rounds after a run of one round", () => {
    expect(next(rounds([chunked, naive], 1))).toBe("run --suite quick --rounds 7");
    const requested = rounds(
      [
        { ...chunked, chunkUsers: 100, limitMs: 8_000 },
        { ...chunked, key: "uuidv7" },
      ],
      1,
    );
    const prefilled = rounds([{ ...chunked, prefill: "10:uuidv4" }, chunked], 1);
    const small = { ...prefilled.run, suite: null, bufferPoolBytes: 128 * 2 ** 20 };
    expect(next({ ...prefilled, run: small })).toBe(
      "run chunked --orm prisma --prefill 10:uuidv4,0 --buffer-pool 128MB --rounds 7",
    );
    const split = rounds(
      [
        { ...chunked, workers: 6, split: "modulo" },
        { ...chunked, workers: 6 },
      ],
      1,
    );
    expect(next({ ...split, run: { ...split.run, suite: null } })).toBe(
      "run chunked --orm prisma --workers 6 --split modulo,range --rounds 7",
    );
    const dataset = { ...requested.run.dataset, users: 600, orders: 20_000 };
    expect(next({ ...requested, run: { ...requested.run, suite: null, dataset } })).toBe(
      "run chunked --orm prisma --key identity,uuidv7 --chunk 100,500 --cell-limit 8s --users 600 --orders 20000 --rounds 7",
    );
  });

  it("keeps the server and everything else that the run was given", () => {
    const requested = [
      "--suite",
      "quick",
      "--durability",
      "relaxed",
      "--orm",
      "prisma",
      "--db",
      "mysql://me@db/shop",
      "--tls",
      "required",
    ];
    const given = { runArguments: requested, database: ["--db", "mysql://me@db/shop"] };
    const commandOf = (results: RunResults) => nextCommand(results, "out", KNOWN, given)?.command;
    expect(commandOf(rounds([chunked, naive], 1))).toBe(`run ${requested.join(" ")} --rounds 7`);
    const failed = recordedRun([naive], [recordedSample(naive, 1, wrong("rows"))]);
    expect(commandOf(failed)).toMatch(/^trace naive\/mysql2\S* --db mysql:\/\/me@db\/shop$/);
    expect(commandOf({ ...rounds([chunked, naive], 3), end: null, samples: [] })).toBe(
      "run --resume out --db mysql://me@db/shop",
    );
    const relaxed = rounds([{ ...chunked, durability: "relaxed" }], 1);
    expect(next(relaxed)).toBe("run --suite quick --durability relaxed --rounds 7");
  });

  it("continues an interrupted run with the paths of the user's plug-ins, which records lack", () => {
    const cut = { ...rounds([own, stranger], 3), end: null, samples: [] };
    const resume = "run --resume out ./my/way.ts --orm ./my/orm.ts";
    expect(nextCommand(cut, "out", KNOWN, { runArguments: null, database: null, resume })?.command).toBe(resume);
    expect(nextCommand(cut, "out", KNOWN)).toBeNull();
  });

  it("names the libraries of a run that has fewer than its suite", () => {
    const one = rounds([chunked], 1);
    const commandOf = (orms: readonly string[]) => nextCommand(one, "out", { ...KNOWN, suiteOrms: new Set(orms) })?.command;
    expect(commandOf(["mysql2", "prisma"])).toBe("run --suite quick --orm prisma --rounds 7");
    expect(commandOf(["prisma"])).toBe("run --suite quick --rounds 7");
  });

  it("takes the name of a cell with relaxed durability", async () => {
    const { code, stdout } = await benchInProcess(["show", "chunked/mysql2/durability=relaxed"]);
    expect(code).toBe(0);
    expect(stdout).toContain("chunked");
  });

  it("repeats arguments as they were given, without the password and what has another value next time", () => {
    const program = new Command("bench").option("-v, --verbose");
    const command = addDatabaseOptions(
      program.command("run").argument("[names...]").option("--rounds <n>").option("-y, --yes").option("--durability <l>"),
    ).action(() => {});
    program.parse(
      [
        "-v",
        "run",
        "./my way.ts",
        "--rounds=3",
        "--db",
        "mysql://me:secret@db/shop?ssl-mode=REQUIRED",
        "-y",
        "--durability",
        "relaxed",
      ],
      { from: "user" },
    );
    expect(givenArguments(command, ["--rounds"]).join(" ")).toBe(
      "'./my way.ts' --db 'mysql://me@db/shop?ssl-mode=REQUIRED' -y --durability relaxed",
    );
  });

  it("shows the code of the fastest cell when every cell succeeded", () => {
    expect(next(rounds([chunked, naive], 3))).toBe("show chunked/prisma/identity/chunk=500");
    expect(next(rounds([own], 3))).toBe("show PATH/TO/my-way.ts --orm mysql2");
  });

  it("is absent when a library was given by path, because the records store only its name", () => {
    expect(next(rounds([stranger], 3))).toBeNull();
    expect(next({ ...rounds([stranger], 3), samples: [], end: null })).toBeNull();
    expect(next(recordedRun([naive], []))).not.toContain("undefined");
  });

  it("is accepted by bench itself", async () => {
    const command = next(rounds([chunked, naive], 3)) ?? "";
    expect((await bench(command.split(" "))).code).toBe(0);
    const again = next(rounds([chunked, naive], 1)) ?? "";
    expect((await bench([...again.split(" "), "--dry-run"])).stdout).toContain("x 7 rounds");
  });
});
