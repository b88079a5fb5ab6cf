/** Faults of commands: exit codes, passwords and what they print. */
import type { Mutation } from "../mutation.ts";

export const COMMANDS: readonly Mutation[] = [
  {
    id: "wire-tap-length",
    fault: "The wire tap misreads lengths above 250.",
    file: "harness/trace/wire-tap.ts",
    find: "const bytes = first - 0xfa;",
    replace: "const bytes = first - 0xfb;",
    tests: ["test/harness/wire-tap.test.ts"],
    before: { file: "harness/probes/wire-tap.ts" },
  },
  {
    id: "exit-code",
    fault: "A wrong option ends with the code of a failure of the tool.",
    file: "lib/errors.ts",
    find: "BAD_OPTION: EXIT.usage",
    replace: "BAD_OPTION: EXIT.toolFailed",
    tests: ["test/cli/usage.test.ts"],
    guards: "test/cli/usage.test.ts: a process for each wrong argument",
    before: { only: "--rounds" },
  },
  {
    id: "password-mask",
    fault: "An error shows the password of a URL that cannot be read.",
    file: "harness/database/selector.ts",
    find: 'BenchError("BAD_DATABASE_URL", `${problem}: ${maskPassword(text)}`, fix)',
    replace: 'BenchError("BAD_DATABASE_URL", `${problem}: ${maskPassword(text) === "" ? "" : text}`, fix)',
    tests: ["test/failures/bad-input.test.ts"],
    guards: "test/failures/bad-input.test.ts: a process for each wrong argument",
    before: { tests: ["test/bad-days/bad-input.test.ts"] },
  },
  {
    id: "password-shown",
    fault: "The address of a server that does not answer shows its password.",
    file: "lib/target.ts",
    find: "return `mysql://${encodeURIComponent(target.user)}@",
    replace: "return `mysql://${encodeURIComponent(target.user)}:${target.password}@",
    tests: ["test/cli/usage.test.ts"],
    before: { only: "named without its password" },
  },
  {
    id: "perf-exit-code",
    fault: "A missed limit of the performance measures ends with success.",
    file: "scripts/perf.ts",
    find: 'return taken.some(({ status }) => status === "missed") ? EXIT.gateFailed : EXIT.ok;',
    replace: "return EXIT.ok;",
    tests: ["test/scripts/perf.test.ts"],
    guards: "test/scripts/perf.test.ts: the measures of memory, adapters and the best driver",
    before: { only: "exits 3 when" },
  },
];
