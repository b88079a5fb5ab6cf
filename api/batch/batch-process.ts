/** The process that does a batch. It ends with the service that started it, and by itself when the work is done. */
import { messageOf } from "../../lib/errors.ts";
import { Database } from "../database/database.ts";
import type { BatchAssignment, FromBatch, ToBatch } from "./messages.ts";
import { runBatch } from "./run.ts";

/** One for the work, one for the heartbeat, one for a style that reads beside its transaction. */
const CONNECTIONS = 3;
const WAIT_MS = 60_000;

const stop = new AbortController();
let isDone = false;

function tell(message: FromBatch): void {
  if (process.connected) process.send?.(message);
}

// Ctrl-C reaches all processes of a terminal; the service decides what becomes of the batch.
process.on("SIGINT", () => {});
// Nobody would renew the flags or hear what is committed: whoever starts the service again takes the batch over.
process.once("disconnect", () => process.exit(isDone ? 0 : 1));

process.on("message", (message: ToBatch) => {
  if (message.type === "stop") stop.abort(new Error("the service was closed"));
  else void work(message.assignment);
});

async function work(assignment: BatchAssignment): Promise<void> {
  const settings = { target: assignment.target, connections: CONNECTIONS, waitMs: WAIT_MS, lockWaitSeconds: null };
  {
    await using database = new Database(settings);
    await runBatch(database, assignment, tell, stop.signal).catch((error: unknown) =>
      tell({ type: "failed", message: messageOf(error) }),
    );
  }
  isDone = true;
  if (process.connected) process.disconnect();
}
