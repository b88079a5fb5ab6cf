/** Sends each request when it is due, independent of earlier answers (open loop). A separate process; started by load.ts. */
import { setTimeout as delay } from "node:timers/promises";
import { messageOf } from "../../lib/errors.ts";
import { clockMs } from "../../lib/clock.ts";
import { Client, read } from "./client.ts";
import type { FollowedUp, FromLoad, LoadTask, SentRequest, ToLoad } from "./load-messages.ts";
import { Performer } from "./perform.ts";
import { arrivalAt } from "./traffic.ts";

/** Parallel requests for the state of accepted writes. */
const FOLLOW_UPS = 16;

const send = (message: FromLoad): void => void process.send?.(message);

const stopping = new AbortController();
let client: Client | null = null;

async function drive(task: LoadTask): Promise<void> {
  client = new Client(task);
  const performer = new Performer(client, task.retries);
  const underWay: Promise<SentRequest>[] = [];
  let dueAtMs = clockMs();
  send({ type: "started", atMs: dueAtMs });
  for (let index = 0; !stopping.signal.aborted; index += 1) {
    const arrival = arrivalAt(task.traffic, index);
    dueAtMs += arrival.gapMs;
    const leftMs = dueAtMs - clockMs();
    // send overdue requests at once, so that a late generator does not lower the rate
    if (leftMs > 0) await delay(leftMs);
    if (stopping.signal.aborted) break;
    underWay.push(performer.perform(arrival, index, dueAtMs));
  }
  send({ type: "sent", requests: await Promise.all(underWay) });
}

async function followUp(tokens: readonly string[]): Promise<void> {
  const left = [...tokens];
  const results: FollowedUp[] = [];
  const worker = async (): Promise<void> => {
    for (let token = left.pop(); token !== undefined; token = left.pop()) {
      const answer = await client?.send(read(`/requests/${token}`));
      if (answer?.status !== 200) {
        results.push({ token, status: `status ${answer?.status ?? 0}`, appliedAfterMs: null });
        continue;
      }
      const { status, acceptedAt, appliedAt } = JSON.parse(answer.text) as Record<string, string | null | undefined>;
      // a write that the service finally refused has a time too, but no effect
      const hasEffect = status === "applied" && acceptedAt != null && appliedAt != null;
      const afterMs = hasEffect ? new Date(appliedAt).getTime() - new Date(acceptedAt).getTime() : null;
      results.push({ token, status: status ?? "unknown", appliedAfterMs: afterMs });
    }
  };
  await Promise.all(Array.from({ length: FOLLOW_UPS }, worker));
  send({ type: "followed-up", results });
}

const guarded = (work: Promise<void>): void =>
  void work.catch((error: unknown) => send({ type: "failed", message: messageOf(error) }));

process.on("message", (message: ToLoad) => {
  if (message.type === "start") guarded(drive(message.task));
  else if (message.type === "stop") stopping.abort();
  else guarded(followUp(message.tokens));
});
process.on("disconnect", () => process.exit());
// Ctrl-C signals the whole process group; the harness stops this process itself
process.on("SIGINT", () => {});
