import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { SlowestFirst } from "./test/support/slowest-first.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    reporters: ["default", "./test/support/summary-reporter.ts"],
    // Each worker has a server. A file waits more than it computes (for servers, processes, quiet), so four workers keep two
    // cores busy. More of them slow down what the tests wait for.
    maxWorkers: 4,
    // With the default of 16 MiB, the garbage collector took 12 % of the CPU time of a worker.
    execArgv: ["--max-semi-space-size=32", "--import", new URL("test/support/imports.ts", import.meta.url).href],
    // Node imports the files, like it does for users. Through Vite, 330 tests took 15 % more CPU time.
    experimental: { viteModuleRunner: false },
    // A process per file took 1.5 s of CPU for each of 172 files to start and to load the harness: a seventh of the run.
    isolate: false,
    sequence: { sequencer: SlowestFirst },
    env: {
      // Most of what tests compute is Node starting, in a process per verb and per sample: compiled code is kept between them.
      NODE_COMPILE_CACHE: fileURLToPath(new URL("node_modules/.cache/tests", import.meta.url)),
      // Times are UTC everywhere: where the machine's are too, a library that takes them for local ones would pass. Here local
      // time is hours and a half behind, and leaps.
      TZ: "America/St_Johns",
    },
    // These end a test that hangs. On a machine with ten times as much to do, the longest tests take several minutes.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 300_000 } },
  },
});
