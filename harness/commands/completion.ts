/** `bench completion`: a script that makes the shell complete verbs, options and the names of what can be run. */
import { Argument } from "commander";
import { bashScript } from "../completion/bash.ts";
import { fishScript } from "../completion/fish.ts";
import { completionTree, type CompletedVerb } from "../completion/tree.ts";
import { zshScript } from "../completion/zsh.ts";
import type { RegisterCommand } from "./context.ts";

const SCRIPTS: Readonly<Record<string, (program: CompletedVerb) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

const EXAMPLES = `
Examples:
  source <(bench completion bash)          in this shell alone (zsh as well)
  bench completion fish | source           the same in fish

To install it for good, then start a new shell:
  mkdir -p ~/.local/share/bash-completion/completions
  bench completion bash > ~/.local/share/bash-completion/completions/bench
  bench completion zsh > "\${fpath[1]}/_bench"
  bench completion fish > ~/.config/fish/completions/bench.fish

Names stand in the script, so that completing them takes no time: make it again
after adding a strategy or an ORM. It completes \`bench\`, not \`npx bench\`:
where bench is on no PATH, first say alias bench='npx bench'.`;

export const register: RegisterCommand = (program, context) => {
  program
    .command("completion")
    .description("Prints a script that completes verbs, options and names in your shell.")
    .addArgument(new Argument("<shell>", "yours").choices(Object.keys(SCRIPTS)))
    .addHelpText("after", EXAMPLES)
    .action(async (shell: string) => {
      const script = SCRIPTS[shell];
      if (script !== undefined) context.print(script(await completionTree(program)));
    });
};
