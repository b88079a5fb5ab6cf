/** What clients saw: the other half of the proof. The service's own account of itself is not asked. */

interface WriteBodies {
  badge: { readonly categoryId: number; readonly active: boolean };
  order: { readonly categoryId: number; readonly amountWon: number };
  redeem: { readonly couponId: number };
}

/**
 * `applied`: acknowledged as done. `accepted`: acknowledged, to be done later. `refused`: an answer that says that nothing was
 * written. `unknown`: no answer, or one that leaves it open; it may have taken effect or not.
 */
export type WriteResult = "applied" | "accepted" | "refused" | "unknown";

interface SentWrite<Kind extends keyof WriteBodies> {
  /** the idempotency key, a UUID */
  readonly token: string;
  readonly userId: number;
  readonly kind: Kind;
  readonly body: WriteBodies[Kind];
  /** by the client's monotonic clock */
  readonly sentAtMs: number;
  /** null: never */
  readonly answeredAtMs: number | null;
  readonly result: WriteResult;
}

/** A write as its client knows it. */
export type HistoryEntry = { [Kind in keyof WriteBodies]: SentWrite<Kind> }[keyof WriteBodies];
