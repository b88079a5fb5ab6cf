/** `bench doctor`: what may make today's numbers unreliable, in words. */
import type { Command } from "commander";
import { connect } from "../../lib/connection.ts";
import { BenchError, messageOf } from "../../lib/errors.ts";
import { paint, type Log } from "../../lib/log.ts";
import { openDatabase, parseDatabaseSelector, type DatabaseOptions } from "../database/index.ts";
import type { Finding, Level } from "../doctor/check.ts";
import { interruptible, orAborted } from "../run/interrupt.ts";
import { readEnvironment } from "../probes/environment.ts";
import { listPlugIns } from "../registry.ts";
import { MAX_COLUMNS, wrap } from "../text/layout.ts";
import { logFor, type CommandContext, type RegisterCommand } from "./context.ts";
import { addDatabaseOptions, withPassword } from "./options.ts";

const EXAMPLES = `
Examples:
  bench doctor                             before numbers that matter: about half a minute
  bench doctor --quick                     without the noise floor
  bench doctor --db mysql://me@db/shootout
  bench doctor --strict && bench gate ...  in CI: exit code 3 where numbers would mislead

The noise floor is measured by running the same cell against itself, in a schema of its own that is dropped again.`;

interface DoctorOptions extends DatabaseOptions {
  quick?: boolean;
  strict?: boolean;
  json?: boolean;
}

interface Looked {
  readonly id: string;
  readonly title: string;
  readonly findings: readonly Finding[];
}

export const register: RegisterCommand = (program, context) => {
  const command = program
    .command("doctor")
    .description("Looks at Node, machine, server, disk, distance and noise, and says what makes today's numbers unreliable.")
    .option("--quick", "leave the noise floor out, which takes most of the time")
    .option("--strict", "exit code 3 if anything makes numbers unreliable")
    .option("--json", "findings as JSON on standard output, and nothing else");
  addDatabaseOptions(command)
    .addHelpText("after", EXAMPLES)
    .action((options: DoctorOptions) => doctor(command, context, options));
};

async function doctor(command: Command, context: CommandContext, options: DoctorOptions): Promise<void> {
  const log = logFor(command);
  const selector = await withPassword(parseDatabaseSelector(options));
  const looked = await interruptible((signal) => look(selector, options.quick === true, log, signal));
  context.print(options.json === true ? JSON.stringify({ checks: looked }, null, 2) : describe(looked));
  const bad = looked.flatMap(({ findings }) => findings).filter(({ level }) => level === "unreliable").length;
  if (bad > 0 && options.strict === true)
    throw new BenchError(
      "UNRELIABLE",
      `${bad} findings make numbers unreliable`,
      "each says what to do; without --strict they are advice",
    );
}

async function look(
  selector: ReturnType<typeof parseDatabaseSelector>,
  isQuick: boolean,
  log: Log,
  signal: AbortSignal,
): Promise<Looked[]> {
  await using database = await orAborted(openDatabase(selector, { log, signal }), signal);
  const admin = await connect(database.target, { withSchema: false });
  admin.on("error", () => {});
  try {
    const { environment } = await readEnvironment(admin, database, [], ".");
    const looked: Looked[] = [];
    for (const { value: check } of await listPlugIns("check")) {
      if (check.isSlow && isQuick) continue;
      signal.throwIfAborted();
      log.info(`looking at: ${check.title.toLowerCase()}`);
      const findings = await check.run({ database, admin, environment, log, signal }).catch((error: unknown): Finding[] => {
        signal.throwIfAborted();
        const fix = error instanceof BenchError ? (error.fix ?? null) : null;
        return [{ level: "unreliable", says: `it could not be looked at: ${messageOf(error)}`, fix, values: {} }];
      });
      looked.push({ id: check.id, title: check.title, findings });
    }
    return looked;
  } finally {
    admin.destroy();
  }
}

const MARKS: Readonly<Record<Level, readonly [mark: string, colour: "green" | "yellow" | "red"]>> = {
  good: ["ok", "green"],
  note: ["note", "yellow"],
  unreliable: ["bad", "red"],
};

function describe(looked: readonly Looked[]): string {
  const lines = looked.flatMap(({ title, findings }) => [
    paint("bold", title, process.stdout),
    ...findings.flatMap(({ level, says, fix }) => {
      const [mark, colour] = MARKS[level];
      const said = wrap(`  ${mark.padEnd(5)}${says}`, MAX_COLUMNS, "       ");
      const painted = said.replace(mark, paint(colour, mark, process.stdout));
      return fix === null ? [painted] : [painted, wrap(`       fix: ${fix}`, MAX_COLUMNS, "       ")];
    }),
  ]);
  const bad = looked.flatMap(({ findings }) => findings).filter(({ level }) => level === "unreliable").length;
  const verdict =
    bad === 0
      ? "Nothing here makes numbers unreliable. Absolute times still belong to this machine; compare ratios."
      : `${bad} ${bad === 1 ? "finding makes" : "findings make"} today's numbers unreliable: what differs by less than the noise is not a result.`;
  return [...lines, "", wrap(verdict, MAX_COLUMNS)].join("\n");
}
