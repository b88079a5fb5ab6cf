/** `bench show`: prints the code that a cell runs. */
import { paint } from "../../lib/log.ts";
import { findCell } from "../plan/cell-name.ts";
import { programName, quoted } from "../run/resume-command.ts";
import { allFiles, firstFiles, headOf } from "./cell-files.ts";
import type { RegisterCommand } from "./context.ts";
import { cell, orm } from "./options.ts";

const EXAMPLES = `
Examples:
  bench show chunked/drizzle                   the technique, and how Drizzle runs its operations
  bench show unit-of-work/mikro-orm            a library's native variant of the technique
  bench show case-when/mysql2 --technique      only the technique
  bench show ./my-strategy.ts --orm prisma     your strategy
  bench show chunked/prisma/uuidv7 --all       every file, with the job's rules, the keys and Prisma's schema

The technique imports orm-shootout/plugin in place of this project's files. Save it in your project, change its id, and bench run
measures it. With --all, bench show prints the files that bench run executes, without a change.`;

interface ShowOptions {
  readonly orm?: string;
  readonly technique?: boolean;
  readonly all?: boolean;
}

export const register: RegisterCommand = (program, context) => {
  program
    .command("show")
    .description("Prints the code of a technique, ready to paste into a project, and the library's side of it.")
    .argument("<cell>", "cell as bench run prints it (chunked/prisma), or the path of your strategy", cell)
    .option("--orm <id>", "library, if the cell names none; or the path of your ORM", orm)
    .option("--technique", "print only the technique")
    .option("--all", "print every file that the cell executes")
    .addHelpText("after", EXAMPLES)
    .action(async (name: string, options: ShowOptions) => {
      const planned = await findCell(name, options.orm);
      const { cell, orm, skipReason } = planned;
      const heading = (text: string): string => paint("bold", `// ${text}`, process.stdout);
      const lines = [
        heading(`${cell.strategy} through ${orm.id} (${orm.class}, on ${orm.driver}), api ${cell.api}: ${cell.code}`),
      ];
      if (skipReason !== null) lines.push(heading(`not run: ${skipReason}`));
      const files = options.all === true ? await allFiles(planned) : await firstFiles(planned, options.technique === true);
      for (const excerpt of files) lines.push("", heading(headOf(excerpt)), excerpt.text.trimEnd());
      if (options.all !== true && options.technique !== true) {
        const command = `${programName()} show ${quoted(name)}${options.orm === undefined ? "" : ` --orm ${quoted(options.orm)}`}`;
        lines.push("", heading(`--- every file that the cell executes: ${command} --all`));
      }
      context.print(lines.join("\n"));
    });
};
