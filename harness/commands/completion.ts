/** `bench completion`: prints a script that completes verbs, options and the names of strategies, ORMs, keys and suites. */
import { SCRIPTS } from "../completion/scripts.ts";
import type { RegisterCommand } from "./context.ts";
import { oneOf } from "./values.ts";

const SHELLS = ["bash", "zsh", "fish"] as const satisfies (keyof typeof SCRIPTS)[];

const EXAMPLES = `
Examples:
  source <(bench completion bash)          in this shell only (zsh as well)
  bench completion fish | source           the same in fish

To install it for good, then start a new shell:
  mkdir -p ~/.local/share/bash-completion/completions
  bench completion bash > ~/.local/share/bash-completion/completions/bench
  bench completion zsh > "\${fpath[1]}/_bench"
  bench completion fish > ~/.config/fish/completions/bench.fish

The script runs \`bench\` at each TAB, so that new strategies and ORMs are completed at once. It completes \`bench\`, not
\`npx bench\`: where bench is on no PATH, first define a function, bench() { node_modules/.bin/bench "$@"; }`;

export const register: RegisterCommand = (program, context) => {
  program
    .command("completion")
    .description("Prints a script that completes verbs, options and names in your shell.")
    .argument("<shell>", SHELLS.join(", "), oneOf(SHELLS))
    .addHelpText("after", EXAMPLES)
    .action((shell: keyof typeof SCRIPTS) => context.print(SCRIPTS[shell]));
};
