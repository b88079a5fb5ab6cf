/** `bench trace`: the statements of one user's renewal, as the library really sends them. */
import { BenchError } from "../../lib/errors.ts";
import { paint } from "../../lib/log.ts";
import { findCell } from "../plan/cell-name.ts";
import { openDatabase, parseDatabaseSelector, type DatabaseOptions } from "../database/index.ts";
import { interruptible, orAborted } from "../run/interrupt.ts";
import type { WireCommand } from "../trace/wire-tap.ts";
import { traceCell, type Trace } from "../trace/trace.ts";
import { logFor, type RegisterCommand } from "./context.ts";
import { addDatabaseOptions, cell, orm, withPassword } from "./options.ts";

const EXAMPLES = `
Examples:
  bench trace naive/prisma               every BEGIN, SELECT and COMMIT around a create
  bench trace unit-of-work/mikro-orm --full   statements in full length on a terminal too
  bench trace ./my-strategy.ts --orm drizzle

One user of a small dataset is renewed through a proxy that reads along. The result is verified as in every run.`;

const MIN_WIDTH = 80;
const MARGIN = 30;

/** What is shown as one line: a statement with the commands that a library sends around it alone. */
interface TracedStatement {
  readonly command: WireCommand;
  readonly how: string;
}

/** PREPARE, EXECUTE and CLOSE of one statement in a row are one line; their order is kept. */
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
  // counted anew from 1: most connections of a pool have nothing to do
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
      (other === 0 ? "." : `, and ${other} commands that only prepare or close them.`),
  ].join("\n");
}

export const register: RegisterCommand = (program, context) => {
  const command = program
    .command("trace")
    .description("Shows the real statements of one user's renewal, in order.")
    .argument("<cell>", "as bench run prints it (naive/prisma), or the path of your own strategy", cell)
    .option("--orm <id>", "the library, where the cell's name has none; or the path of your own", orm)
    .option("--full", "statements in full length, however wide the terminal");
  addDatabaseOptions(command).addHelpText("after", EXAMPLES);
  command.action(async (name: string, options: DatabaseOptions & { orm?: string; full?: boolean }) => {
    const log = logFor(command);
    const selector = parseDatabaseSelector(options);
    if (selector.kind === "url" && selector.target.tls !== null)
      throw new BenchError(
        "BAD_OPTION",
        "bench trace reads the connection along, which TLS prevents",
        "trace on a server of ours, what a library sends is the same: --db embedded",
      );
    const planned = await findCell(name, options.orm);
    const { cell, skipReason } = planned;
    if (skipReason !== null)
      throw new BenchError("BAD_OPTION", `${cell.id} can't be run: ${skipReason}`, "bench list cells shows what can");
    if (cell.workers > 1) throw new BenchError("BAD_OPTION", `${cell.workers} workers for one user`, "leave workers out");
    const withSecret = await withPassword(selector);
    await interruptible(async (signal) => {
      await using database = await orAborted(openDatabase(withSecret, { log, signal }), signal);
      const trace = await orAborted(traceCell(planned, database.target, { log, signal }), signal);
      context.print(render(trace, `${cell.id}, api ${cell.api}: ${cell.code}`, options.full === true));
    });
  });
};
