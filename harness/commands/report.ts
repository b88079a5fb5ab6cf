/** `bench report`: renders a run again, from its records alone. */
import { join } from "node:path";
import { DEFAULT_FORMATS, findReporters, publish } from "../publish.ts";
import { readRecords, RECORDS_FILE } from "../records.ts";
import type { RegisterCommand } from "./context.ts";
import { list } from "./options.ts";

const EXAMPLES = `
Examples:
  bench report results/2026-11-01/laptop/101500-quick-x1
  bench report DIR --format table          only look
  bench report DIR --format json,md        other formats than it was run with`;

export const register: RegisterCommand = (program, context) => {
  program
    .command("report")
    .description("Renders a run again from its records, without a database.")
    .argument("<folder>", "the run's folder")
    .option("--format <ids>", "table, csv, md, svg, json; comma separated", list, DEFAULT_FORMATS)
    .addHelpText("after", EXAMPLES)
    .action(async (folder: string, options: { format: string[] }) => {
      const reporters = await findReporters(options.format);
      await publish(await readRecords(join(folder, RECORDS_FILE)), reporters, folder, context.print);
    });
};
