/** `bench complete -- words`: the scripts of `bench completion` run this at each TAB. Help doesn't list the verb. */
import { complete } from "../completion/resolve.ts";
import type { RegisterCommand } from "./context.ts";
import { words } from "./values.ts";

const EXAMPLES = `
Examples:
  bench complete -- run --orm pri     prints the kind of values, then the words with their descriptions`;

export const register: RegisterCommand = (program, context) => {
  program
    .command("complete", { hidden: true })
    .description("Prints what may stand in the place of the last word.")
    .argument("[words...]", "the words behind bench", words())
    .addHelpText("after", EXAMPLES)
    .action(async (typed: string[]) => {
      const { candidates, kind } = await complete(await context.createProgram(typed.slice(0, -1)), typed);
      const lines = candidates.map(({ word, description }) => `${word}\t${description}`);
      context.print([kind, ...lines].join("\n"));
    });
};
