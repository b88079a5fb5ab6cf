/** The scenario's end of the load generator. */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { BenchError } from "../../lib/errors.ts";
import type { FollowedUp, FromLoad, LoadTask, SentRequest, ToLoad } from "./load-messages.ts";
import { ask, forkOptions, stop } from "./process.ts";

const PROCESS = fileURLToPath(new URL("./load-process.ts", import.meta.url));

export interface Load extends AsyncDisposable {
  /** Sends nothing more, and waits for what is under way. */
  stop(): Promise<readonly SentRequest[]>;
  followUp(tokens: readonly string[]): Promise<readonly FollowedUp[]>;
}

/** Requests are on their way when this returns. @throws BenchError LOAD_GENERATOR_FAILED */
export async function startLoad(task: LoadTask): Promise<Load> {
  const child = fork(PROCESS, [], forkOptions());
  const say = (message: ToLoad): void => void child.send(message);
  const dispose = (): Promise<void> => stop(child);
  try {
    say({ type: "start", task });
    await answerOf(child, "started");
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    async stop() {
      say({ type: "stop" });
      return (await answerOf(child, "sent")).requests;
    },
    async followUp(tokens) {
      say({ type: "follow-up", tokens });
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
      new BenchError("LOAD_GENERATOR_FAILED", `the load generator ${what}`, "run it again, at a lower --rate if it persists"),
  );
