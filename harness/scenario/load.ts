/** Starts and controls the load generator. */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { BenchError } from "../../lib/errors.ts";
import type { FollowedUp, FromLoad, LoadTask, SentRequest, ToLoad } from "./load-messages.ts";
import { ask, forkOptions, stop } from "./process.ts";

const PROCESS = fileURLToPath(new URL("./load-process.ts", import.meta.url));

export interface Load extends AsyncDisposable {
  /** Sends no more requests and waits for requests in progress. */
  stop(): Promise<readonly SentRequest[]>;
  followUp(tokens: readonly string[]): Promise<readonly FollowedUp[]>;
}

/** Resolves after the generator started to send. @throws BenchError LOAD_GENERATOR_FAILED */
export async function startLoad(task: LoadTask): Promise<Load> {
  const child = fork(PROCESS, [], forkOptions());
  const send = (message: ToLoad): void => void child.send(message);
  const dispose = (): Promise<void> => stop(child);
  try {
    send({ type: "start", task });
    await answerOf(child, "started");
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    async stop() {
      send({ type: "stop" });
      return (await answerOf(child, "sent")).requests;
    },
    async followUp(tokens) {
      send({ type: "follow-up", tokens });
      return (await answerOf(child, "followed-up")).results;
    },
    [Symbol.asyncDispose]: dispose,
  };
}

const answerOf = <Type extends FromLoad["type"]>(child: ChildProcess, type: Type): Promise<Extract<FromLoad, { type: Type }>> =>
  ask<FromLoad, Type>(
    child,
    type,
    (what) =>
      new BenchError(
        "LOAD_GENERATOR_FAILED",
        `the load generator ${what}`,
        "run the command again; lower --rate if the failure persists",
      ),
  );
