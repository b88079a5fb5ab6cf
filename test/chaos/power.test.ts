/** The power of the trials: a service with one deliberate fault violates an invariant under some fault. */
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FAULTS, type Fault as Mutant } from "../../api/faults.ts";
import { listFaults } from "../../harness/chaos/faults/registry.ts";
import { EXPECTED, EXPECTED_MUTANTS, isExpected, NOT_EXPECTED, UNPROVED } from "../../harness/chaos/power/expected.ts";
import { faultsWithoutFind, powerCsv, powerMarkdown, summarisePower } from "../../harness/chaos/power/report.ts";
import { POWER_RECORDS_FILE, readPower, type PowerRecord } from "../../harness/chaos/power/records.ts";
import { roundsOf, trialsOf } from "../../harness/chaos/power/run.ts";
import type { Ground } from "../../harness/chaos/ground.ts";
import { listInvariants } from "../../harness/chaos/invariants.ts";
import { listTrialRules } from "../../harness/chaos/rule.ts";
import { startNow } from "../../harness/chaos/start.ts";
import type { ChaosSession } from "../../harness/chaos/session.ts";
import { run } from "../../lib/run-program.ts";
import { MUTANTS } from "../../model/mutants/all.ts";
import { variants } from "../support/full.ts";
import { openTestSession } from "./session.ts";

/** A trial in which the fault does not act proves nothing. */
const TRIALS = 5;
/** A member that writes the users of another one a second time. Its trial took 7 s, and a run that stays open took 46 s. */
const QUICKLY_FOUND: Mutant = "markers-later";
/** docs/chaos.md gives the reasons. */
const NOT_IN_THE_SERVICE = ["locks-out-of-order", "flags-left-by-failure"];

describe("the deliberate faults of the service", () => {
  const mutants = Object.keys(FAULTS) as Mutant[];

  it("contain each mutant of the model, apart from those that a trial cannot see", () => {
    const missing = MUTANTS.map(({ id }) => id).filter((id) => !mutants.some((mutant) => mutant === id));
    expect(missing.toSorted()).toEqual(NOT_IN_THE_SERVICE.toSorted());
  });

  it("have each an expected find, by a fault and an invariant of the trials", async () => {
    const faults = (await listFaults()).map(({ id }) => id);
    const invariants = (await listInvariants()).map(({ id }) => id);
    const found = EXPECTED.map(({ mutant }) => mutant as string);
    expect([...found, ...NOT_EXPECTED].toSorted()).toEqual(mutants.toSorted());
    expect(EXPECTED.filter(({ fault }) => !faults.includes(fault))).toEqual([]);
    expect(EXPECTED.filter(({ invariant }) => !invariants.includes(invariant))).toEqual([]);
  });
});

/** Tests of rows and requests prove them: effects.test.ts and command.test.ts. */
const PROVED_BY_TESTS = ["client-error", "effect-redeem-once", "effect-user-once", "request-limit"];

describe("the rules of the trials", () => {
  it("are each violated by a service with a deliberate fault, or in a test", async () => {
    const proved = new Set(EXPECTED.map(({ invariant }) => invariant));
    const rules = (await listTrialRules()).map(({ id }) => id);
    expect(rules.filter((id) => !proved.has(id))).toEqual(PROVED_BY_TESTS);
  });
});

describe("the faults of the trials", () => {
  it("each have an expected find, or a reason why they have none", async () => {
    const proved = new Set(EXPECTED.map(({ fault }) => fault));
    const faults = (await listFaults()).map(({ id }) => id);
    expect([...proved, ...Object.keys(UNPROVED)].toSorted()).toEqual(faults.toSorted());
  });

  const page = new URL("../../docs/chaos.md", import.meta.url);
  /** Rows of tables, as cells. */
  const rows = async (): Promise<string[][]> =>
    (await readFile(page, "utf8"))
      .split("\n")
      .filter((line) => line.startsWith("| "))
      .map((line) => line.slice(2, -2).split(" | "));

  it("have each reason on the page", async () => {
    const listed = (await rows()).flatMap(([faults = "", reason]) =>
      [...faults.matchAll(/`([\w-]+)`/g)].map(([, fault]) => `${fault}: ${reason}`),
    );
    expect(listed).toEqual(expect.arrayContaining(Object.entries(UNPROVED).map(([fault, reason]) => `${fault}: ${reason}`)));
  });

  it("have each expected find on the page", async () => {
    const listed = (await rows()).filter((cells) => cells.length === 3).map((cells) => cells.join(" | "));
    expect(listed).toEqual(
      expect.arrayContaining(
        EXPECTED.map(({ mutant, fault, invariant }) => `\`${mutant}\`: ${FAULTS[mutant]} | \`${fault}\` | \`${invariant}\``),
      ),
    );
  });
});

describe("the trials", () => {
  it.each(variants(EXPECTED, ({ mutant }) => mutant === QUICKLY_FOUND))(
    "find the service with $mutant by the fault $fault",
    async ({ mutant, fault, invariant }) => {
      await using session = await openTestSession(`chaos ${mutant}`, [mutant]);
      const failure = await session.firstFailure(fault, TRIALS);
      expect(failure?.violations.map((violation) => violation.invariant)).toContain(invariant);
    },
  );
});

describe("the table of the deliberate faults", () => {
  const record = (
    mutant: string,
    fault: string,
    trial: number,
    violations: string[],
    failure: string | null = null,
  ): PowerRecord => ({
    mutant,
    fault,
    trial,
    isApplied: true,
    violations,
    failure,
  });
  const records = [
    record("no-fence", "abandoned", 1, ["effect-grade-all", "dates-in-order"]),
    record("no-fence", "abandoned", 2, ["effect-grade-all"]),
    record("no-fence", "none", 1, []),
    record("no-help", "none", 1, []),
    record("no-help", "none", 2, [], "the server failed"),
  ];

  it("counts the trials that found each of them, and leaves out those that could not run", () => {
    expect(summarisePower(records, [])).toEqual([
      {
        mutant: "no-fence",
        trials: 3,
        foundBy: [{ fault: "abandoned", found: 2, trials: 2 }],
        invariants: ["effect-grade-all", "dates-in-order"],
      },
      { mutant: "no-help", trials: 1, foundBy: [], invariants: [] },
    ]);
    expect(powerMarkdown(records, [])).toContain("1 of 2 deliberate faults found");
    expect(powerMarkdown(records, [])).toContain("1 trials could not run");
  });

  it("counts a deliberate fault whose trials all failed as not found", () => {
    const failed = [record("no-help", "rounds-cut", 1, [], "a member did not come up")];
    expect(summarisePower([...records.slice(0, 3), ...failed], ["no-fence", "no-help", "origin"])).toMatchObject([
      { mutant: "no-fence", trials: 3 },
      { mutant: "no-help", trials: 0, foundBy: [] },
      { mutant: "origin", trials: 0, foundBy: [] },
    ]);
    expect(powerMarkdown(failed, ["no-help"])).toContain("0 of 1 deliberate faults found");
  });

  it("counts a find of the fault that does nothing, also if the run ended before half of its users", () => {
    const early = { ...record("undone-before-status", "none", 1, ["effect-grade-all"]), isApplied: false };
    expect(summarisePower([early], [])).toMatchObject([{ foundBy: [{ fault: "none", found: 1, trials: 1 }] }]);
    expect(powerCsv([early], [])).toContain("undone-before-status,1/1");
  });

  it("counts no find for a fault that did not act, and no failure that a later attempt made good", () => {
    const early = { ...record("no-help", "rounds-cut", 1, ["run-ends"]), isApplied: false };
    const again = [record("no-help", "none", 1, [], "the server failed"), record("no-help", "none", 1, [])];
    expect(summarisePower([early, ...again], [])).toEqual([{ mutant: "no-help", trials: 2, foundBy: [], invariants: [] }]);
    expect(powerMarkdown([early, ...again], [])).not.toContain("could not run");
    expect(powerCsv([early, ...again], [])).toBe("mutant,none,rounds-cut\nno-help,0/1,0/0\n");
  });

  it("has a row per deliberate fault and a column per fault of the trials", () => {
    expect(powerCsv(records, [])).toBe("mutant,abandoned,none\nno-fence,2/2,0/1\nno-help,,0/1\n");
  });

  it("names the faults that found none besides those that the fault none finds", () => {
    const more = [
      record("no-help", "kill-anytime", 1, []),
      // A trial without a fault finds it too, in most trials.
      record("undone-before-status", "scale-in", 1, ["effect-grade-all"]),
      record("late", "none", 1, ["run-ends"]),
      record("late", "scale-out", 1, ["run-ends"]),
    ];
    expect(faultsWithoutFind([...records, ...more])).toEqual(["kill-anytime", "scale-in", "scale-out"]);
    expect(powerMarkdown([...records, ...more], [])).toContain(`| \`scale-in\` | ${UNPROVED["scale-in"]} |`);
    const own = [record("no-help", "rounds-cut", 1, ["run-ends"]), record("no-help", "none", 1, ["run-ends"])];
    expect(powerMarkdown(own, [])).toContain("| `rounds-cut` | `none` found the same deliberate faults |");
    expect(powerMarkdown([record("no-help", "rounds-cut", 1, [])], [])).toContain(
      "| `rounds-cut` | its expected find is missing |",
    );
  });
});

describe("the order of the deliberate faults", () => {
  it("begins with the expected find of each, and then tries every other pair once", async () => {
    const faults = await listFaults();
    const mutants = EXPECTED_MUTANTS;
    const rounds = roundsOf(
      { mutants, trials: 2, isWanted: () => true },
      faults,
      ({ fault, trial }) => fault === "trio" && trial === 2,
    );
    const pairs = rounds.flatMap(({ mutant, left }) => left.map(({ fault, trial }) => `${trial} ${mutant} ${fault.id}`));
    expect(pairs.slice(0, EXPECTED.length)).toEqual(EXPECTED.map(({ mutant, fault }) => `1 ${mutant} ${fault}`));
    expect(new Set(pairs).size).toBe(pairs.length);
    expect(pairs).toHaveLength(mutants.length * (2 * faults.length - 1));
    expect(pairs.filter((pair) => pair.startsWith("2 ") && pair.endsWith(" trio"))).toEqual([]);
  });

  it("share the members for the further trials of a pair", async () => {
    const faults = await listFaults();
    const rounds = roundsOf(
      { mutants: ["no-help"], trials: 5, isWanted: (mutant, { id }) => isExpected(mutant, id) },
      faults,
      () => false,
    );
    const trials = rounds.map(({ left }) => left.map(({ fault, trial }) => `${fault.id} ${trial}`));
    expect(trials).toEqual([["rounds-cut 1"], [2, 3, 4, 5].map((trial) => `rounds-cut ${trial}`)]);
  });
});

it("npm run chaos:power refuses several clusters on one server, before it makes a folder", async () => {
  const out = join(tmpdir(), `power-refused-${process.pid}`);
  const script = fileURLToPath(new URL("../../scripts/chaos-power.ts", import.meta.url));
  const args = ["--clusters", "2", "--db", "mysql://root:secret@127.0.0.1:1/x", "--out", out];
  const { exitCode, stderr } = await run(process.execPath, [script, ...args]);
  expect(stderr).toMatch(/BAD_OPTION: cannot run 2 clusters on the server of --db/);
  expect(stderr).not.toContain("secret");
  expect(exitCode).toBe(2);
  await expect(access(out)).rejects.toMatchObject({ code: "ENOENT" });
});

describe("the records of the deliberate faults", () => {
  const trial = (number: number): PowerRecord => ({
    mutant: "no-help",
    fault: "none",
    trial: number,
    isApplied: true,
    violations: [],
    failure: null,
  });
  const start = { type: "power", version: 1, startedAt: "2026-11-01T10:00:00.000Z", seed: 1, partitioning: "modulo" };
  const WHOLE = [start, { type: "trial", ...trial(1) }, { type: "trial", ...trial(2) }]
    .map((line) => `${JSON.stringify(line)}\n`)
    .join("");

  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "power-records-"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  async function folderWith(text: string): Promise<string> {
    const place = await mkdtemp(join(folder, "power-"));
    await writeFile(join(place, POWER_RECORDS_FILE), text);
    return place;
  }
  const unreadable = (said: RegExp) => ({
    code: "RECORDS_UNREADABLE",
    message: expect.stringMatching(said),
    fix: expect.any(String),
  });

  it("are none before the first trial, also after a disk that was full", async () => {
    expect(await readPower(join(folder, "nowhere"))).toBeNull();
    expect(await readPower(await folderWith(""))).toBeNull();
  });

  it("are read with and without a first line, which files of earlier versions lack", async () => {
    const old = [trial(1), trial(2)].map((line) => `${JSON.stringify(line)}\n`).join("");
    expect((await readPower(await folderWith(WHOLE)))?.trials).toMatchObject([trial(1), trial(2)]);
    expect((await readPower(await folderWith(old)))?.trials).toMatchObject([trial(1), trial(2)]);
  });

  it("name the machine, the clusters and the commit of each start", async () => {
    const start = { ...(await startNow(3)), gitCommit: "0123456789abcdef", startedAt: "2026-11-30T12:00:00.000Z" };
    const results = await readPower(await folderWith(`${WHOLE}${JSON.stringify(start)}\n`));
    expect(results?.starts).toEqual([start]);
    expect(powerMarkdown(results?.trials ?? [], [], results?.starts)).toMatch(
      /, \d+ cores; clusters at the same time: 3; commit 0123456789; 2026-11-30\.$/m,
    );
  });

  it("end with the last whole line", async () => {
    expect((await readPower(await folderWith(WHOLE.slice(0, -20))))?.trials).toMatchObject([trial(1)]);
  });

  it.each([
    ["without an end", WHOLE.replace('"failure":null}', "")],
    ["with a wrong value", WHOLE.replace('"trial":1', '"trial":"one"')],
  ])("are refused with a line %s in the middle", async (_what, text) => {
    await expect(readPower(await folderWith(text))).rejects.toMatchObject(unreadable(/line 2 is not a record/));
  });

  it("are refused from a newer version", async () => {
    const newer = WHOLE.replace('"version":1', '"version":99');
    await expect(readPower(await folderWith(newer))).rejects.toMatchObject(unreadable(/format 99 is newer/));
  });

  it("that the system refuses are an error, not an empty table", async () => {
    const place = await mkdtemp(join(folder, "power-"));
    await mkdir(join(place, POWER_RECORDS_FILE));
    await expect(readPower(place)).rejects.toMatchObject(unreadable(/it is a folder/));
    const file = join(await folderWith(WHOLE), POWER_RECORDS_FILE);
    await expect(readPower(file)).rejects.toMatchObject(unreadable(/a part of its path is a file/));
  });
});

describe("a trial of the table that cannot run", () => {
  const trial: ChaosSession["trial"] = (fault) =>
    Promise.resolve({ isApplied: true, violations: [], fault: fault.id } as unknown as Awaited<
      ReturnType<ChaosSession["trial"]>
    >);
  const session = (): ChaosSession => ({ trial, [Symbol.asyncDispose]: () => Promise.resolve() });

  it("leaves the others in the table, also when the members did not start", async () => {
    const faults = (await listFaults()).slice(0, 3);
    let starts = 0;
    const ground: Pick<Ground, "session" | "signal"> = {
      signal: new AbortController().signal,
      session() {
        starts += 1;
        return starts === 1 ? Promise.reject(new Error("a member did not come up")) : Promise.resolve(session());
      },
    };
    const found: (string | null)[] = [];
    for await (const { failure } of trialsOf(
      ground,
      { mutant: "no-help", left: faults.map((fault) => ({ fault, trial: 1 })) },
      1,
    ))
      found.push(failure);
    expect(found).toEqual(["a member did not come up", null, null]);
  });
});
