import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    reporters: ["default", "./test/support/summary-reporter.ts"],
    // Each worker has a server of its own. A file waits more than it computes (for servers, processes, settling), so three
    // workers keep two cores busy; more of them would only starve what is measured in the tests.
    maxWorkers: 3,
    env: {
      // Most of what tests compute is Node starting, in a process per verb and per sample: compiled code is kept between them.
      NODE_COMPILE_CACHE: fileURLToPath(new URL("node_modules/.cache/tests", import.meta.url)),
      // Times are UTC everywhere: where the machine's are too, a library that takes them for local ones would pass. Here local
      // time is hours and a half behind, and leaps.
      TZ: "America/St_Johns",
    },
    // the example's plug-ins find this as a package; here they are loaded where they lie
    alias: { "orm-shootout/plugin": fileURLToPath(new URL("plugin.ts", import.meta.url)) },
    // it imports JSON without the attribute that Node requires
    server: { deps: { inline: [/@actions\//] } },
    testTimeout: 120_000,
    hookTimeout: 240_000,
  },
});
