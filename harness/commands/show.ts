/** `bench show`: the code that a cell runs. */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { paint } from "../../lib/log.ts";
import { findCell } from "../plan/cell-name.ts";
import { collectSources } from "./source.ts";
import type { RegisterCommand } from "./context.ts";
import { cell, orm } from "./options.ts";

const EXAMPLES = `
Examples:
  bench show chunked/drizzle                   the technique, the rules that it applies, and Drizzle's part
  bench show unit-of-work/mikro-orm            a library's native variant of the technique
  bench show chunked/prisma/uuidv7             with the code that makes the keys, and Prisma's schema
  bench show case-when/mysql2 --technique      the technique alone
  bench show ./my-strategy.ts --orm prisma     your own

It is the code that bench run measures, read from the files that it runs.`;

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
/** Generated clients are thousands of lines that nobody wrote. */
const isWritten = (file: string): boolean => !file.includes("/generated/") && !file.includes("/node_modules/");

export const register: RegisterCommand = (program, context) => {
  program
    .command("show")
    .description("Prints the code that a cell runs, ready to be pasted into an application.")
    .argument("<cell>", "as bench run prints it (chunked/prisma), or the path of your own strategy", cell)
    .option("--orm <id>", "the library, where the cell's name has none; or the path of your own", orm)
    .option("--technique", "only the file of the technique")
    .addHelpText("after", EXAMPLES)
    .action(async (name: string, options: { orm?: string; technique?: boolean }) => {
      const { cell, modules, orm, skipReason } = await findCell(name, options.orm);
      const heading = (text: string): string => paint("bold", `// ${text}`, process.stdout);
      const lines = [
        heading(`${cell.strategy} through ${orm.id} (${orm.class}, on ${orm.driver}), api ${cell.api}: ${cell.code}`),
      ];
      if (skipReason !== null) lines.push(heading(`not run: ${skipReason}`));
      const besideOrm = (names: readonly string[] = []): string[] => names.map((file) => new URL(file, modules.ormUrl).href);
      const excluded = new Set(besideOrm(orm.sourceFiles?.exclude).map((url) => fileURLToPath(url)));
      const files = options.technique
        ? await collectSources([modules.codeUrl], (file) => file === fileURLToPath(modules.codeUrl))
        : await collectSources(
            [modules.codeUrl, modules.keyUrl, modules.ormUrl, ...besideOrm(orm.sourceFiles?.include)],
            (file) => isWritten(file) && !excluded.has(file),
          );
      for (const { file, text } of files) {
        const path = relative(PROJECT, file);
        lines.push("", heading(`--- ${path.startsWith("..") ? file : path}`), text.trimEnd());
      }
      context.print(lines.join("\n"));
    });
};
