import { spawn } from "node:child_process";
import { strategy as honest } from "../../strategies/chunked.ts";
import type { Strategy } from "../../strategies/strategy.ts";

const SECONDS = "600";

/** Does the job, and leaves a detached process. */
export const strategy: Strategy = {
  ...honest,
  id: "leaves-a-process",
  async run(context) {
    spawn("sleep", [SECONDS], { detached: true, stdio: "ignore" }).unref();
    await honest.run(context);
  },
};
