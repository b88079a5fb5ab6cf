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
    // Most of what tests compute is Node starting, in a process per verb and per sample: compiled code is kept between them.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL("node_modules/.cache/tests", import.meta.url)) },
    testTimeout: 120_000,
    hookTimeout: 240_000,
  },
});
