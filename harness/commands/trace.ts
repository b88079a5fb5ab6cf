/** `bench trace`: prints the statements of one user's renewal as the library sends them. */
import { BenchError } from "../../lib/errors.ts";
import { paint } from "../../lib/log.ts";
import { findCell } from "../plan/cell-name.ts";
import { openDatabase, parseDatabaseSelector, type DatabaseOptions } from "../database/index.ts";
import { interruptible, orAborted } from "../run/interrupt.ts";
import type { WireCommand } from "../trace/wire-tap.ts";
import { traceCell, type Trace } from "../trace/trace.ts";
import { logFor, type RegisterCommand } from "./context.ts";
import { addDatabaseOptions, cell, orm, withPassword } from "./options.ts";
import { duration, TIME_UNITS } from "./values.ts";

const EXAMPLES = `
Examples:
  bench trace naive/prisma               each BEGIN, SELECT and COMMIT around a create
  bench trace unit-of-work/mikro-orm --full   do not cut statements to the terminal's width
  bench trace ./my-strategy.ts --orm drizzle

bench renews one user of a small dataset through a proxy that decodes the protocol. It verifies the result as in every run.`;

const MIN_WIDTH = 80;
const MARGIN = 30;

/** One printed line: a statement and the protocol commands around it. */
interface TracedStatement {
  readonly command: WireCommand;
  readonly how: string;
}

/** Merges consecutive PREPARE, EXECUTE and CLOSE commands of one statement into one line and keeps the order. */
function statementsOf(commands: readonly WireCommand[]): TracedStatement[] {
  const lines: { command: WireCommand; kinds: string[] }[] = [];
  for (const command of commands) {
    const last = lines.at(-1);
    const follows =
      last?.command.connection === command.connection &&
      ((command.kind === "execute" && last.kinds.at(-1) === "prepare" && last.command.sql === command.sql) ||
        (command.kind === "close" && last.kinds.at(-1) === "execute" && last.kinds.length > 1));
    if (!follows) lines.push({ command, kinds: [command.kind] });
    else {
      last.kinds.push(command.kind);
      if (command.kind === "execute") last.command = command;
    }
  }
  return lines.map(({ command, kinds }) => ({ command, how: kinds.join("+") }));
}

const oneLine = (sql: string): string => sql.replaceAll(/\s+/g, " ").trim();

function lineOf({ command, how }: TracedStatement, index: number, connection: number, width: number): string {
  const { sql, parameters } = command;
  const text = sql === null ? "" : oneLine(sql);
  const shown = text.length > width ? `${text.slice(0, width - 1)}…` : text;
  const filled = parameters === null || parameters === 0 ? "" : paint("dim", `  (${parameters} values)`, process.stdout);
  const where = paint("dim", `#${connection}`.padEnd(4), process.stdout);
  return `${String(index + 1).padStart(4)}  ${where}${how.padEnd(22)}${shown}${filled}`.trimEnd();
}

function render({ commands, userId, badgesChanged, coupons }: Trace, heading: string, full: boolean): string {
  const width = full || !process.stdout.isTTY ? Number.POSITIVE_INFINITY : Math.max(MIN_WIDTH, process.stdout.columns) - MARGIN;
  const executed = commands.filter(({ kind }) => kind === "query" || kind === "execute").length;
  // renumbered from 1: most connections of a pool send nothing
  const connections = [...new Set(commands.map(({ connection }) => connection))];
  const other = commands.length - executed;
  return [
    paint("bold", heading, process.stdout),
    `User ${userId}: ${badgesChanged} badges changed, 1 grade, 1 log, ${coupons} coupons; verified.`,
    "",
    ...statementsOf(commands).map((statement, index) =>
      lineOf(statement, index, connections.indexOf(statement.command.connection) + 1, width),
    ),
    "",
    `${executed} statements on ${connections.length} ${connections.length === 1 ? "connection" : "connections"}` +
      (other === 0 ? "." : `, and ${other} commands that only prepare or close statements.`),
  ].join("\n");
}

interface TraceOptions extends DatabaseOptions {
  orm?: string;
  cellLimit?: number;
  full?: boolean;
}

export const register: RegisterCommand = (program, context) => {
  const command = program
    .command("trace")
    .description("Prints the statements of one user's renewal, in the order in which the library sends them.")
    .argument("<cell>", "cell as bench run prints it (naive/prisma), or the path of your strategy", cell)
    .option("--orm <id>", "library, if the cell names none; or the path of your ORM", orm)
    .option(
      "--cell-limit <time>",
      `end a renewal that is not done after this time, e.g. 5s (default: 60s) (${TIME_UNITS})`,
      duration,
    )
    .option("--full", "print statements in full length, even if they exceed the terminal's width");
  addDatabaseOptions(command).addHelpText("after", EXAMPLES);
  command.action(async (name: string, options: TraceOptions) => {
    const log = logFor(command);
    const selector = parseDatabaseSelector(options);
    if (selector.kind === "url" && selector.target.tls !== null)
      throw new BenchError(
        "BAD_OPTION",
        "bench trace cannot decode a connection with TLS: its proxy reads the plain protocol",
        "trace on a server that bench starts (--db embedded); a library sends the same statements there",
      );
    const planned = await findCell(name, options.orm);
    const { cell, skipReason } = planned;
    if (skipReason !== null)
      throw new BenchError("BAD_OPTION", `cannot run ${cell.id}: ${skipReason}`, "choose a cell from `bench list cells`");
    if (cell.workers > 1)
      throw new BenchError(
        "BAD_OPTION",
        `cannot trace ${cell.workers} workers: bench trace renews one user`,
        "remove workers from the cell",
      );
    const withSecret = await withPassword(selector);
    await interruptible(async (signal) => {
      await using database = await orAborted(openDatabase(withSecret, { log, signal }), signal);
      const trace = await orAborted(traceCell(planned, database.target, { log, signal, limitMs: options.cellLimit }), signal);
      context.print(render(trace, `${cell.id}, api ${cell.api}: ${cell.code}`, options.full === true));
    });
  });
};
