/** What a sample cost, as the server counted it. The probes in `harness/probes/server/` fill it in. */
import { z } from "zod";

const counted = z.number().nullable().default(null);

/** Every field is null where the server does not tell. Of the child's account alone unless it says `server-wide`. */
export const costsSchema = z.object({
  /** by kind, executions of prepared statements among them: `{ select: 30000, insert: 30000, commit: 60 }` */
  statementKinds: z.record(z.string(), z.number()).nullable().default(null),
  /** round trips of the prepared protocol that `statements` does not count, and executions, which it does */
  prepares: counted,
  executions: counted,
  closes: counted,
  /** the most frequent statements without their values; server-wide, of the job's schema */
  topStatements: z
    .array(z.object({ text: z.string(), count: z.number(), serverMs: z.number() }))
    .nullable()
    .default(null),
  /** the sum of what each statement took inside the server, waits for locks and disks included */
  serverMs: counted,
  bytesToServer: counted,
  bytesFromServer: counted,
  handlerWrites: counted,
  /** server-wide, by InnoDB's count */
  rowsInserted: counted,
  rowsUpdated: counted,
  rowsDeleted: counted,
  rowsRead: counted,
  /** server-wide: growth of the log sequence number */
  redoBytes: counted,
  /** server-wide: of the redo log, and of all InnoDB files; the binary log's are not among them */
  redoFsyncs: counted,
  fsyncs: counted,
  /** server-wide */
  binlogBytes: counted,
  rowLockWaits: counted,
  rowLockWaitMs: counted,
  pageSplits: counted,
  /** of the two growing tables afterwards: clustered indexes, and secondary ones */
  tableBytes: counted,
  indexBytes: counted,
  deadlocks: counted,
  lockWaitTimeouts: counted,
  /** transactions, those of single statements among them */
  transactions: counted,
  longestTransactionMs: counted,
  /** of the server's process, on this machine */
  serverCpuMs: counted,
});

export type Costs = z.infer<typeof costsSchema>;
