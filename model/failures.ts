/** The reaction of a thread to a failed statement of its transaction. */
import type { Context, Failure } from "./context.ts";
import { ANSWER, BATCH } from "./layout.ts";
import { toPoll } from "./steps/poll.ts";
import { answer, rollBackThen } from "./steps/request.ts";
import type { Step } from "./step.ts";

/** Only failures of T2 and of rounds count for T5, and only those that are no lock timeout and no lost connection. */
const isCounted = (step: Step, failure: Failure): boolean => failure === "error" && /^(select|round)\./.test(step.id);

function failBatch(context: Context, step: Step, failure: Failure): void {
  if (isCounted(step, failure))
    context.setLocal(BATCH.failures, Math.min(context.world.failureLimit, context.local(BATCH.failures) + 1));
  if (failure === "lost" || context.changes.noRollback) toPoll(context);
  else context.goto("batch.rollback");
}

function failRequest(context: Context, step: Step, failure: Failure): void {
  if (failure === "lost") answer(context, ANSWER.unknown);
  // a user's row that stays locked: the write waits in the inbox
  else rollBackThen(context, failure === "lock-timeout" && step.id === "direct.user" ? ANSWER.none : ANSWER.failed);
}

/** @param failure `lost`: the client has no session any more; otherwise its transaction is still open */
export function failStep(context: Context, step: Step, failure: Failure): void {
  switch (context.who.kind) {
    case "batch":
      return failBatch(context, step, failure);
    case "request":
      return failRequest(context, step, failure);
    case "post":
      return failure === "lost" ? context.forget() : context.goto("post.rollback");
    case "drain":
      return failure === "lost" ? context.forget() : context.goto("drain.rollback");
  }
}

/** The process of the thread ends. A new one starts without memory; a client gets no answer. */
export function crashThread(context: Context): void {
  if (context.who.kind !== "request") context.forget();
  else if (context.local(0) !== 0 && context.local(0) !== context.places.get("request.done")) answer(context, ANSWER.unknown);
}
