/** The view of the clients: the independent half of the proof. The checker ignores the service's own statements about writes. */

interface WriteBodies {
  badge: { readonly categoryId: number; readonly active: boolean };
  order: { readonly categoryId: number; readonly amountWon: number };
  redeem: { readonly couponId: number };
}

/**
 * `applied`: acknowledged as done. `accepted`: acknowledged and stored for later. `refused`: the answer says that the
 * service wrote nothing. `unknown`: no answer, or an answer without a definite outcome; the write may have taken effect.
 */
export type WriteResult = "applied" | "accepted" | "refused" | "unknown";

interface SentWrite<Kind extends keyof WriteBodies> {
  /** the idempotency key, a UUID */
  readonly token: string;
  readonly userId: number;
  readonly kind: Kind;
  readonly body: WriteBodies[Kind];
  /** by the client's monotonic clock, in ms */
  readonly sentAtMs: number;
  /** null: the client got no answer */
  readonly answeredAtMs: number | null;
  readonly result: WriteResult;
}

/** A write from the view of its client. */
export type HistoryEntry = { [Kind in keyof WriteBodies]: SentWrite<Kind> }[keyof WriteBodies];
