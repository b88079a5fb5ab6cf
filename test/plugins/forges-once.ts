import { strategy as honest } from "../../strategies/chunked.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** The first sample of a run with one cell and one round has this id; a repeated sample has another one. */
const FIRST_RUN_ID = 1;

/** Stands for a machine that delays one message: the first sample reports another time than `bench` sees. */
export const strategy: Strategy = {
  ...honest,
  id: "forges-once",
  async run(context) {
    const code = context.runId === FIRST_RUN_ID ? (await import("./forges-the-message.ts")).strategy : honest;
    await code.run(context);
  },
};
