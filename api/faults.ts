/**
 * Deliberate faults. Each takes one rule out of the service, and a check must find the damage. Only tests switch them on; no option
 * of a command line does. The ids are those of the model's mutants where the model has the rule.
 */

/** The behaviour of the service with each fault. */
export const FAULTS = {
  origin: "each instance counts for itself: no marker under the lock, no fence, no help",
  "no-marker-check": "a round writes all users that it could lock",
  "markers-before-lock": "a round reads the markers before it locks the users",
  "markers-later": "a round commits its effects, and then its markers and its step",
  "no-rollback": "a failed transaction stays open",
  "no-fence": "a round does not compare its attempt with that of the batch",
  "attempt-read-apart": "a poll reads the status, and the attempt in a second statement",
  "no-help": "a member whose partition is empty waits",
  "selects-twice": "the selection of the users does not read the status under its lock",
  "selects-without-join": "the selection takes users of orders that do not exist",
  "finishes-unchecked": "a member ends the run when its partition is done",
  "finishes-from-cursor": "a member ends the run when it has tried each user once",
  "undone-before-status": "a member reads the undone users before it sees the run as running",
  "fails-any-status": "a member gives up a run that has ended",
  "fails-any-attempt": "a member gives up a later attempt",
  "no-timeouts": "the server keeps the sessions of silent members",
  "older-date": "a run starts although a newer date has one",
  "ignores-selecting": "a run starts beside one that selects its users",
  "resumes-as-running": "a failed run without users resumes as running",
  "ignores-cut-off": "the cut-off does not wait for a write",
  "no-not-before": "an order can get a time before the end of a closed window",
  "not-before-read-early": "a write reads the end of the window before it locks the cut-off",
  "member-clock": "the clock of the member stamps an order",
  "overtakes-inbox": "a write overtakes the stored writes of its user",
  "accepted-and-forgotten": "the service answers 202 and stores nothing",
  "no-key-in-accept": "a stored write does not reserve its key",
  "no-key-in-direct": "a write that takes effect at once does not reserve its key",
  "drains-unlocked": "members apply a stored write without a lock",
  "progress-despite-rollback": "the progress of a round is stored although its transaction rolled back",
  "completes-despite-failure": "a member counts the users of a failed round as done",
  "rescues-any-run": "a member that fails gives up the open run, whichever it worked on",
  "retries-statement": "the victim of a deadlock repeats the statement and not the transaction",
  "no-row-lock": "a write does not lock the row of its user",
  "stale-stamp": "a write always claims that it came before the last cut-off",
  "inbox-unordered": "the service applies the newest stored write first",
  "hints-not-raised": "no hint shows that a round may be at work",
  "hints-not-lowered": "a hint stays forever",
} as const;

export type Fault = keyof typeof FAULTS;

const PARTS: Partial<Record<Fault, readonly Fault[]>> = { origin: ["no-marker-check", "no-fence", "no-help"] };

/** Of this process or thread. A parameter would pass through each layer of the service. */
let active: ReadonlySet<Fault> = new Set();

/** Replaces the faults of this process or thread. */
export function switchFaults(faults: readonly Fault[]): void {
  active = new Set(faults.flatMap((fault) => [fault, ...(PARTS[fault] ?? [])]));
}

/** True if one of these faults is on. */
export const hasFault = (...faults: readonly Fault[]): boolean => active.size > 0 && faults.some((fault) => active.has(fault));
