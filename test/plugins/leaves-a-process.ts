import { spawn } from "node:child_process";
import { strategy as honest } from "../../strategies/chunked.ts";
import type { Strategy } from "../../strategies/strategy.ts";

const SECONDS = "600";

/** Does the job, and leaves two detached processes, one of them without the variables of this one. */
export const strategy: Strategy = {
  ...honest,
  id: "leaves-a-process",
  async run(context) {
    for (const env of [process.env, {}]) spawn("sleep", [SECONDS], { detached: true, stdio: "ignore", env }).unref();
    await honest.run(context);
  },
};
