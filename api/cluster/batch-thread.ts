/** The thread that runs the rounds of one member. The member polls for it. */
import { parentPort, workerData } from "node:worker_threads";
import { switchFaults } from "../faults.ts";
import { findGuard } from "../guards/registry.ts";
import { findPartitioning } from "./partitionings/registry.ts";
import { sameMembers, type Polls, type Snapshot } from "./poll.ts";
import type { FromThread, ThreadData, ToThread } from "./thread-messages.ts";
import { BatchWorker } from "./worker.ts";

if (parentPort === null) throw new Error("batch-thread.ts runs as a thread of a member");
const member = parentPort;
const assignment = workerData as ThreadData;
switchFaults(assignment.faults);
const send = (message: FromThread): void => member.postMessage(message);

class MemberPolls implements Polls {
  snapshot: Snapshot;
  readonly #questions = new Map<number, PromiseWithResolvers<void>>();
  #lastQuestion = 0;

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
  }

  /** A message copies the list of members. */
  update({ view, ...rest }: Snapshot): void {
    this.snapshot = { ...rest, view: { ...view, members: sameMembers(this.snapshot.view.members, view.members) } };
  }

  now(): void {
    send({ type: "poll-now" });
  }

  next(): Promise<void> {
    const waiting = Promise.withResolvers<void>();
    this.#lastQuestion += 1;
    this.#questions.set(this.#lastQuestion, waiting);
    send({ type: "await-poll", question: this.#lastQuestion });
    return waiting.promise;
  }

  polled(question: number): void {
    this.#questions.get(question)?.resolve();
    this.#questions.delete(question);
  }
}

const polls = new MemberPolls(assignment.snapshot);
const { flags } = await findGuard(assignment.guard);
const worker = new BatchWorker({
  target: assignment.target,
  member: Buffer.from(assignment.member, "hex"),
  polls,
  partitioning: await findPartitioning(assignment.partitioning),
  selectMs: assignment.selectMs,
  flags,
  observer: {
    deadlock: () => send({ type: "deadlock" }),
    gaveUp: (connectionId) => send({ type: "gave-up", connectionId }),
  },
  onRound: (round) => send({ type: "round", round }),
  onError: (error) => send({ type: "error", error }),
});
member.on("message", (message: ToThread) => {
  if (message.type === "snapshot") polls.update(message.snapshot);
  else if (message.type === "polled") polls.polled(message.question);
  else void worker.close().finally(() => member.close());
});
worker.start();
