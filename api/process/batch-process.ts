/** The process that runs one batch. It ends when the batch ends or when its parent, the service, disconnects. */
import { messageOf } from "../../lib/errors.ts";
import { Database } from "../database/database.ts";
import { REQUEST_SESSIONS } from "../database/session-limits.ts";
import type { BatchAssignment, FromBatch, ToBatch } from "./messages.ts";
import { runBatch } from "./run.ts";

/** One each for the batch, the heartbeat, and a style that reads beside its transaction. */
const CONNECTIONS = 3;
const WAIT_MS = 60_000;
/** One statement of a technique may write all users. */
const LIMIT_MS = 600_000;

const stop = new AbortController();
let isDone = false;

function send(message: FromBatch): void {
  if (process.connected) process.send?.(message);
}

// Ctrl-C reaches all processes of a terminal. The service decides when the batch ends.
process.on("SIGINT", () => {});
// Without the service nobody renews the flags or receives commits. The next start of the service resumes the batch.
process.once("disconnect", () => process.exit(isDone ? 0 : 1));

process.on("message", (message: ToBatch) => {
  if (message.type === "stop") stop.abort(new Error("the service closed"));
  else void work(message.assignment);
});

async function work(assignment: BatchAssignment): Promise<void> {
  const { target } = assignment;
  // A stopped process would hold its rows forever: the server ends its session after 15 s, and the service ends the process.
  const settings = {
    target,
    connections: CONNECTIONS,
    waitMs: WAIT_MS,
    lockWaitSeconds: null,
    ...REQUEST_SESSIONS,
    statementMs: LIMIT_MS,
  };
  {
    await using database = new Database(settings);
    await runBatch(database, assignment, send, stop.signal).catch((error: unknown) =>
      send({ type: "failed", message: messageOf(error) }),
    );
  }
  isDone = true;
  if (process.connected) process.disconnect();
}
