/** Counters of the server for a sample. The probes in `harness/probes/server/` fill them in. */
import { z } from "zod";

const counted = z.number().nullable().default(null);

/** A field is null if the server does not provide it. Fields cover the child's account, unless a comment says `server-wide`. */
export const costsSchema = z.object({
  /** by kind, including executions of prepared statements: `{ select: 30000, insert: 30000, commit: 60 }` */
  statementKinds: z.record(z.string(), z.number()).nullable().default(null),
  /** commands of the prepared protocol; `statements` counts only the executions */
  prepares: counted,
  executions: counted,
  closes: counted,
  /** server-wide: open prepared statements before the clock, and at the end of the job while its sessions are open */
  preparedOpenBefore: counted,
  preparedOpenAtEnd: counted,
  /** the most frequent statements without their values; server-wide, of the job's schema */
  topStatements: z
    .array(z.object({ text: z.string(), count: z.number(), serverMs: z.number() }))
    .nullable()
    .default(null),
  /** sum of the times of all statements inside the server, including waits for locks and disks */
  serverMs: counted,
  /** time of the server's stage `starting`, from the arrival of a statement to the check of its privileges: mostly its parser */
  parseMs: counted,
  bytesToServer: counted,
  bytesFromServer: counted,
  handlerWrites: counted,
  /** server-wide counters of InnoDB */
  rowsInserted: counted,
  rowsUpdated: counted,
  rowsDeleted: counted,
  rowsRead: counted,
  /** server-wide: growth of the log sequence number */
  redoBytes: counted,
  /** server-wide: fsyncs of the redo log, and of all InnoDB files; without the binary log */
  redoFsyncs: counted,
  fsyncs: counted,
  /** server-wide */
  binlogBytes: counted,
  rowLockWaits: counted,
  rowLockWaitMs: counted,
  pageSplits: counted,
  /** server-wide: pages read from disk while the clock ran */
  pagesRead: counted,
  /** of the two growing tables after the sample: clustered indexes, and secondary indexes */
  tableBytes: counted,
  indexBytes: counted,
  /** of the two growing tables after the sample, only in runs with earlier rows or with a size of the buffer pool: all rows */
  growingRows: counted,
  /** fraction of the leaf pages of their primary keys that rows fill */
  leafFill: counted,
  /** mean time of a lookup of a new coupon by primary key, with its round trip */
  lookupUs: counted,
  /** server-wide: pages read from disk for each of these lookups */
  lookupPagesRead: counted,
  /** new coupons read in the order of the primary key */
  rangeRowsPerSecond: counted,
  deadlocks: counted,
  lockWaitTimeouts: counted,
  /** plans whose keys exceeded `range_optimizer_max_mem_size` (warning 3170): the server scanned in place of a range of the index */
  rangeLimitsExceeded: counted,
  /** transactions, including those of single statements */
  transactions: counted,
  longestTransactionMs: counted,
  /** of the server process, if it runs on this machine */
  serverCpuMs: counted,
});

export type Costs = z.infer<typeof costsSchema>;
