/** The switches that take one rule out of the protocol. All are off in the protocol itself. */

const OFF = {
  /** a round does not read the fence */
  noFence: false,
  /** a round reads no markers under its locks */
  noMarkerCheck: false,
  /** a round reads the markers before it locks the users */
  markersBeforeLock: false,
  /** a round commits the effects, and the markers in a second transaction */
  markersLater: false,
  /** a member whose partition is empty does not help */
  noHelp: false,
  /** no ROLLBACK after an error in a transaction */
  noRollback: false,
  /** the poll reads the status, and the attempt in a second statement */
  attemptReadApart: false,
  /** T1 admits a date that is older than one with a row */
  olderDate: false,
  /** T1 refuses beside a running run, and not beside a selecting one */
  ignoresSelecting: false,
  /** T1 resumes a failed run as `running`, also one without targets */
  resumesAsRunning: false,
  /** T2 does not read the status again under the lock */
  selectsTwice: false,
  /** T2 selects the users of orders without a join to `users` */
  selectsGhosts: false,
  /** T4 does not read the undone targets */
  finishesUnchecked: false,
  /** T4 follows when the remembered list is used up */
  finishesFromCursor: false,
  /** the undone targets are read before the status */
  undoneBeforeStatus: false,
  /** T5 fails a run of any status */
  failsAnyStatus: false,
  /** T5 fails any attempt */
  failsAnyAttempt: false,
  /** T5 raises the attempt also when it failed no run */
  raisesAlways: false,
  /** T5 leaves the flags in the database */
  leavesFlags: false,
  /** writes read the cut-off without a lock */
  ignoresCutOff: false,
  /** stamps do not consider `not_before` */
  noNotBefore: false,
  /** writes read `not_before` in a statement before the one that locks the cut-off */
  earlyNotBefore: false,
  /** orders are stamped by the clock of the member, and nothing holds them to `not_before` */
  memberClock: false,
  /** a direct write does not look for waiting writes of its user */
  overtakesInbox: false,
  /** 202 is answered before the inbox row is committed */
  forgetsAccepted: false,
  /** an accept inserts its inbox row before its key */
  rowBeforeKey: false,
  /** a direct write inserts its key before it locks its user */
  keyBeforeUser: false,
  /** only direct writes insert their key */
  noKeyInAccept: false,
  /** only accepts insert their key */
  noKeyInDirect: false,
  /** a drain locks nothing before it applies a write */
  drainsUnlocked: false,
  /** the server keeps the sessions of silent clients for ever */
  noTimeouts: false,
};

export type Changes = Readonly<Record<keyof typeof OFF, boolean>>;

/** The protocol as specified. */
export const PROTOCOL: Changes = OFF;
