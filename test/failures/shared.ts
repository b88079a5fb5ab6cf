/** The common checks of every failure test: the same guarantees apply to each failure. */
import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { expect } from "vitest";
import { connect, selectOne } from "../../lib/connection.ts";
import { connectionId, listSessions } from "../../lib/sessions.ts";
import type { ErrorCode } from "../../lib/errors.ts";
import { lockSchema } from "../../lib/schema-lock.ts";
import { targetUrl, type ConnectionTarget } from "../../lib/target.ts";
import { startBench, type BenchOptions, type Finished, type Running } from "../support/bench.ts";

/** There is no terminal for the prompt whether bench may use a server given by URL. */
const WANTED = ["--yes"];

/** 100 users: a sample takes a tenth of a second, a naive one a second. */
const DEFAULTS = { "--users": "100", "--orders": "3500", "--orm": "mysql2", "--format": "table" };

/** `bench run` of a few users on a server given by URL. Defaults: through mysql2, with only the table as the format. */
export function runArguments(target: ConnectionTarget, ...args: string[]): string[] {
  const defaults = Object.entries(DEFAULTS).filter(([flag]) => !args.includes(flag));
  return ["run", ...args, ...defaults.flat(), ...WANTED, "--db", targetUrl(target)];
}

export function resumeArguments(target: ConnectionTarget, folder: string): string[] {
  return ["run", "--resume", folder, "--format", "table", ...WANTED, "--db", targetUrl(target)];
}

export function loadArguments(target: ConnectionTarget, ...args: string[]): string[] {
  return ["load", ...args, ...WANTED, "--db", targetUrl(target)];
}

const MARK = "BENCH_TEST_MARK";
/** Every process that it starts inherits the mark. */
export interface MarkedBench extends Running {
  /** the processes that run with its mark now, itself included */
  processes(): Promise<string[]>;
}

export function startMarked(args: readonly string[], options: BenchOptions = {}): MarkedBench {
  const { environment, processes } = newMark();
  return { ...startBench(args, { ...options, env: { BENCH_DATABASE_URL: "", ...options.env, ...environment } }), processes };
}

/** For processes that the test starts in another way. */
export function newMark(): { readonly environment: Readonly<Record<string, string>> } & Pick<MarkedBench, "processes"> {
  const id = randomUUID();
  return { environment: { [MARK]: id }, processes: () => processesWith(`${MARK}=${id}`) };
}

/** Reads `/proc` if it exists. */
async function processesWith(mark: string): Promise<string[]> {
  const pids = (await readdir("/proc").catch(() => [])).filter((entry) => /^\d+$/.test(entry));
  const found = pids.map(async (pid) => {
    const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
    if (!environment.split("\0").includes(mark)) return [];
    // a zombie only waits for its parent
    const command = await readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => "");
    return command === "" ? [] : [`${pid} ${command.replaceAll("\0", " ").slice(0, 120)}`];
  });
  return (await Promise.all(found)).flat();
}

/** From docs/errors.md, not from the code, because the code could be wrong. */
const USAGE: readonly ErrorCode[] = [
  "BAD_OPTION",
  "UNKNOWN_NAME",
  "BAD_DATABASE_URL",
  "BAD_OUTPUT_FOLDER",
  "PLUGIN_INVALID",
  "NOTHING_TO_RESUME",
  "RECORDS_UNREADABLE",
];
const exitCodeOf = (code: ErrorCode): number => (USAGE.includes(code) ? 2 : code === "INTERRUPTED" ? 130 : 1);

export interface Expected {
  readonly error: ErrorCode;
  /** a part of the message or the fix: the value seen, the action */
  readonly said: RegExp;
  /** texts that no output may contain */
  readonly secrets?: readonly string[];
}

/** One clear error with the fix, the right exit code, no stack trace, no secret, and no process left. */
export async function expectOneError(bench: MarkedBench, expected: Expected): Promise<Finished> {
  const finished = await bench.finished;
  expectErrorIn(finished, expected);
  await expectNoProcess(bench);
  return finished;
}

/** The same checks for existing output. */
export function expectErrorIn(finished: Finished, { error, said, secrets = [] }: Expected): void {
  const { code, stderr } = finished;
  const errors = stderr.split("\n").filter((line) => /^(internal )?error\b|^\w*Error\b|^node:/.test(line));
  expect(errors, stderr).toEqual([expect.stringMatching(new RegExp(`^error ${error}: `))]);
  expect(stderr.match(/^ {2}fix: \S/gm), stderr).toHaveLength(1);
  expect(stderr.slice(stderr.indexOf(`error ${error}:`))).toMatch(said);
  expect(code, stderr).toBe(exitCodeOf(error));
  expectNoLeak(finished, secrets);
}

export function expectNoLeak({ stdout, stderr }: Finished, secrets: readonly string[]): void {
  expect(stdout + stderr).not.toMatch(/\n\s+at /);
  // any text could contain a password as short as a word
  for (const secret of secrets) if (secret.length > 5) expect(stdout + stderr).not.toContain(secret);
}

export async function expectNoProcess(bench: Pick<MarkedBench, "processes">): Promise<void> {
  // checked once first: `expect.poll` does not exist in concurrent tests, whose programs have ended
  if ((await bench.processes()).length > 0) await expect.poll(() => bench.processes()).toEqual([]);
}

/** No session, lock, scratch schema or account of a run is left on the server. */
export async function expectNothingLeft({ schema, ...server }: ConnectionTarget): Promise<void> {
  const connection = await connect({ ...server, schema }, { withSchema: false });
  try {
    const own = await connectionId(connection);
    const sessions = async () =>
      (await listSessions(connection)).filter((session) => session.schema?.startsWith(schema) === true && session.id !== own);
    // the server still rolls back the interrupted transaction
    await expect.poll(sessions).toEqual([]);
    expect(await lockSchema(connection, schema, 0)).toBe(true);
    const left = await selectOne(
      connection,
      `SELECT (SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = ?) AS scratches,
              (SELECT COUNT(*) FROM mysql.tables_priv WHERE db = ? AND user LIKE 'bench\\_child\\_%') AS accounts`,
      [`${schema}_scratch`, schema],
    );
    expect(left).toEqual({ scratches: 0, accounts: 0 });
  } finally {
    await connection.end();
  }
}

/** How often a text occurs in the output so far. */
const timesSaid = (bench: Running, text: RegExp): number => bench.stderr().match(new RegExp(text, `${text.flags}g`))?.length ?? 0;

/** Waits until the output contains a text; fails with the whole output otherwise. */
export async function untilSaid(bench: Running, text: RegExp, times = 1): Promise<void> {
  const ended = bench.finished.then(({ code, stderr }) => `ended with ${code}: ${stderr}`);
  const said = expect.poll(() => timesSaid(bench, text), { interval: 20 }).toBeGreaterThanOrEqual(times);
  const early = await Promise.race([said.then(() => null), ended]);
  if (early !== null && timesSaid(bench, text) < times) throw new Error(`never said ${String(text)}; it ${early}`);
}
