/** `bench audit`: which samples of a stored run could not pass the rules of this version? */
import { join } from "node:path";
import { BenchError } from "../../lib/errors.ts";
import { hasColour } from "../../lib/log.ts";
import { auditRun } from "../audit/audit.ts";
import { auditText } from "../audit/table.ts";
import { readRecords, RECORDS_FILE } from "../results/records.ts";
import { terminalColumnsOf } from "../text/layout.ts";
import type { RegisterCommand } from "./context.ts";
import { folder } from "./values.ts";

const EXAMPLES = `
Examples:
  bench audit results/2026-11-01/laptop/101500-quick-x1   which samples could not pass today?
  bench audit DIR --json | jq '.cells[] | select(.samples[].outcome == "fails")'

bench checks each verified sample again: its time against the clock of bench, and the work of the server against the rows of the
result. bench counts only recorded values. A value that an old record lacks is "not recorded", and fails no sample. Exit code 1 if
a sample could not pass.`;

export const register: RegisterCommand = (program, context) => {
  program
    .command("audit")
    .description("Checks the samples of a stored run against the rules of this version, without a database.")
    .argument("<folder>", "folder of the run", folder)
    .option("--json", "print the audit as JSON")
    .addHelpText("after", EXAMPLES)
    .action(async (folder: string, { json = false }: { json?: boolean }) => {
      const audit = auditRun(await readRecords(join(folder, RECORDS_FILE)));
      const text = json
        ? JSON.stringify(audit, null, 2)
        : auditText(audit, hasColour(process.stdout), terminalColumnsOf(process.stdout));
      context.print(text);
      const samples = audit.cells.flatMap((cell) => cell.samples);
      const failing = samples.filter(({ outcome }) => outcome === "fails").length;
      if (failing > 0)
        throw new BenchError(
          "AUDIT_FAILED",
          `${failing} of ${samples.length} samples of ${folder} could not pass the rules of this version`,
          "measure their cells again with this version, for example with `bench reproduce`",
        );
    });
};
