/** `bench doctor`: reports conditions that make measured times unreliable. */
import type { Command } from "commander";
import { connect } from "../../lib/connection.ts";
import { BenchError, messageOf } from "../../lib/errors.ts";
import { paint, type Log } from "../../lib/log.ts";
import { openDatabase, parseDatabaseSelector, type DatabaseOptions } from "../database/index.ts";
import type { Finding, Level } from "../doctor/check.ts";
import { interruptible, orAborted } from "../run/interrupt.ts";
import { readEnvironment } from "../probes/environment.ts";
import { listPlugIns } from "../registry.ts";
import { restoreBufferPool } from "../server-state/buffer-pool.ts";
import { restoreDurability } from "../server-state/durability-settings.ts";
import { columnsOf, proseColumns, wrap } from "../text/layout.ts";
import { logFor, type CommandContext, type RegisterCommand } from "./context.ts";
import { addDatabaseOptions, withPassword } from "./options.ts";

const EXAMPLES = `
Examples:
  bench doctor                             all checks; about half a minute
  bench doctor --quick                     without the noise floor
  bench doctor --db mysql://me@db/shootout
  bench doctor --strict && bench gate ...  in CI: exit code 3 if times would be unreliable

To measure the noise floor, bench compares a cell with itself in a separate schema, and drops that schema afterwards.`;

interface DoctorOptions extends DatabaseOptions {
  quick?: boolean;
  strict?: boolean;
  json?: boolean;
}

interface CheckResult {
  readonly id: string;
  readonly title: string;
  readonly findings: readonly Finding[];
}

export const register: RegisterCommand = (program, context) => {
  const command = program
    .command("doctor")
    .description("Checks Node, machine, server, disk, distance and noise, and reports what makes measured times unreliable.")
    .option("--quick", "skip the noise floor, which takes most of the time")
    .option("--strict", "exit 3 if a finding makes times unreliable")
    .option("--json", "print only the findings, as JSON, to standard output");
  addDatabaseOptions(command)
    .addHelpText("after", EXAMPLES)
    .action((options: DoctorOptions) => doctor(command, context, options));
};

async function doctor(command: Command, context: CommandContext, options: DoctorOptions): Promise<void> {
  const log = logFor(command);
  const selector = await withPassword(parseDatabaseSelector(options));
  const results = await interruptible((signal) => runChecks(selector, options.quick === true, log, signal));
  context.print(options.json === true ? JSON.stringify({ checks: results }, null, 2) : describe(results));
  const bad = results.flatMap(({ findings }) => findings).filter(({ level }) => level === "unreliable").length;
  if (bad > 0 && options.strict === true)
    throw new BenchError(
      "UNRELIABLE",
      `${bad} findings make times unreliable`,
      "apply the fix of each finding, or leave out --strict",
    );
}

async function runChecks(
  selector: ReturnType<typeof parseDatabaseSelector>,
  isQuick: boolean,
  log: Log,
  signal: AbortSignal,
): Promise<CheckResult[]> {
  await using database = await orAborted(openDatabase(selector, { log, signal }), signal);
  const admin = await connect(database.target, { withSchema: false });
  admin.on("error", () => {});
  try {
    const restoredDurability = await restoreDurability(admin, database.owned);
    const restoredPool = await restoreBufferPool(admin, database.bufferPoolBytes);
    if (restoredPool !== null) log.warn(restoredPool);
    const { environment } = await readEnvironment(admin, database, [], ".");
    const results: CheckResult[] = [];
    for (const { value: check } of await listPlugIns("check")) {
      if (check.isSlow && isQuick) continue;
      signal.throwIfAborted();
      log.info(`checking: ${check.title.toLowerCase()}`);
      const findings = await check
        .run({ database, admin, environment, restoredDurability, log, signal })
        .catch((error: unknown): Finding[] => {
          signal.throwIfAborted();
          const fix = error instanceof BenchError ? (error.fix ?? null) : null;
          return [{ level: "unreliable", says: `the check failed: ${messageOf(error)}`, fix, values: {} }];
        });
      results.push({ id: check.id, title: check.title, findings });
    }
    return results;
  } finally {
    admin.destroy();
  }
}

const MARKS: Readonly<Record<Level, readonly [mark: string, colour: "green" | "yellow" | "red"]>> = {
  good: ["ok", "green"],
  note: ["note", "yellow"],
  unreliable: ["bad", "red"],
};

function describe(results: readonly CheckResult[]): string {
  const width = proseColumns(columnsOf(process.stdout));
  const lines = results.flatMap(({ title, findings }) => [
    paint("bold", title, process.stdout),
    ...findings.flatMap(({ level, says, fix }) => {
      const [mark, colour] = MARKS[level];
      const said = wrap(`  ${mark.padEnd(5)}${says}`, width, "       ");
      const painted = said.replace(mark, paint(colour, mark, process.stdout));
      return fix === null ? [painted] : [painted, wrap(`       fix: ${fix}`, width, "       ")];
    }),
  ]);
  const bad = results.flatMap(({ findings }) => findings).filter(({ level }) => level === "unreliable").length;
  const verdict =
    bad === 0
      ? "No finding makes times unreliable. Absolute times still depend on this machine: compare ratios."
      : `${bad} ${bad === 1 ? "finding makes" : "findings make"} times unreliable. Do not report a difference that is smaller than the noise.`;
  return [...lines, "", wrap(verdict, width)].join("\n");
}
