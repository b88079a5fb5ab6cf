/** `bench report`: renders a run again from its records. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { hasColour } from "../../lib/log.ts";
import { publishScenario, requireScenarioFormats } from "../scenario/publish.ts";
import { API_RECORDS_FILE, readScenario } from "../scenario/records.ts";
import { gateFiles, gateText } from "../gate/report.ts";
import { evaluateGate } from "../gate/verdict.ts";
import { interruptible } from "../run/interrupt.ts";
import { writeFiles } from "../reporters/parts/output.ts";
import { DEFAULT_FORMATS, findReporters, publish } from "../reporters/parts/publish.ts";
import { readRecords, RECORDS_FILE } from "../results/records.ts";
import { logFor, type RegisterCommand } from "./context.ts";
import { logNextCommand } from "./next-command.ts";
import { formats } from "./options.ts";
import { folder } from "./values.ts";

const EXAMPLES = `
Examples:
  bench report results/2026-11-01/laptop/101500-quick-x1
  bench report DIR --format table          print the table, write no file
  bench report DIR --format json,md        write formats that the run did not write
  bench report DIR --json | jq '.cells[] | [.cell.id, .medianWallMs]'`;

export const register: RegisterCommand = (program, context) => {
  const command = program
    .command("report")
    .description("Renders the results of a run again from its records, without a database.")
    .argument("<folder>", "folder of the run", folder)
    .option("--format <ids>", "output formats: table, csv, md, svg, json; comma separated", formats, DEFAULT_FORMATS)
    .option("--json", "print only the summary as JSON to standard output; the table goes to standard error")
    .addHelpText("after", EXAMPLES);
  command.action(async (folder: string, options: { format: string[]; json?: boolean }) => {
    const log = logFor(command);
    const reporters = await findReporters(options.format);
    if (existsSync(join(folder, API_RECORDS_FILE))) {
      requireScenarioFormats(options.format);
      const output = { print: context.print, log, json: options.json === true };
      await publishScenario(await readScenario(folder), folder, output, options.format);
      return;
    }
    await interruptible(async (signal) => {
      const results = await readRecords(join(folder, RECORDS_FILE));
      signal.throwIfAborted();
      await publish(results, reporters, folder, { print: context.print, log, json: options.json === true });
      if (results.run.gate !== null) {
        const verdict = evaluateGate(results);
        await writeFiles(folder, gateFiles(results, verdict));
        const text = `\n${gateText(results, verdict, hasColour(options.json === true ? process.stderr : process.stdout))}`;
        if (options.json === true) log.info(text);
        else context.print(text);
      }
      await logNextCommand(results, folder, log);
    });
  });
};
