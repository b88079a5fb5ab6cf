/** `bench show`: prints the code that a cell runs. */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { paint } from "../../lib/log.ts";
import { findCell } from "../plan/cell-name.ts";
import { collectSources } from "./source.ts";
import type { RegisterCommand } from "./context.ts";
import { cell, orm } from "./options.ts";

const EXAMPLES = `
Examples:
  bench show chunked/drizzle                   the technique, its rules, and the code for Drizzle
  bench show unit-of-work/mikro-orm            a library's native variant of the technique
  bench show chunked/prisma/uuidv7             also the code that generates keys, and Prisma's schema
  bench show case-when/mysql2 --technique      only the technique
  bench show ./my-strategy.ts --orm prisma     your strategy

bench show reads the files that bench run executes.`;

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
/** False for generated clients, which have thousands of lines, and for packages. */
const isWritten = (file: string): boolean => !file.includes("/generated/") && !file.includes("/node_modules/");

export const register: RegisterCommand = (program, context) => {
  program
    .command("show")
    .description("Prints the code that a cell runs, ready to paste into an application.")
    .argument("<cell>", "cell as bench run prints it (chunked/prisma), or the path of your strategy", cell)
    .option("--orm <id>", "library, if the cell names none; or the path of your ORM", orm)
    .option("--technique", "print only the file of the technique")
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
