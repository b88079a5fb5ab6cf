/** Starts and controls the load generator. */
import { BenchError } from "../../lib/errors.ts";
import { failuresOf, NodeProcess } from "../../lib/node-process.ts";
import type { FollowedUp, FromLoad, LoadTask, SentRequest, ToLoad } from "./load-messages.ts";

const PROCESS = new URL("./load-process.ts", import.meta.url);

export interface Load extends AsyncDisposable {
  /** Sends no more requests and waits for requests in progress. */
  stop(): Promise<readonly SentRequest[]>;
  followUp(tokens: readonly string[]): Promise<readonly FollowedUp[]>;
}

/** Resolves after the generator started to send. @throws BenchError LOAD_GENERATOR_FAILED */
export async function startLoad(task: LoadTask): Promise<Load> {
  const child = new NodeProcess<ToLoad, FromLoad>(PROCESS, { failures: FAILURES });
  const dispose = (): Promise<void> => child.stop();
  try {
    await child.request({ type: "start", task }, "started");
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    stop: async () => (await child.request({ type: "stop" }, "sent")).requests,
    followUp: async (tokens) => (await child.request({ type: "follow-up", tokens }, "followed-up")).results,
    [Symbol.asyncDispose]: dispose,
  };
}

const FAILURES = failuresOf(
  (what) =>
    new BenchError(
      "LOAD_GENERATOR_FAILED",
      `the load generator ${what}`,
      "run the command again; lower --rate if the failure persists",
    ),
);
