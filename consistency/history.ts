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

/** One request of a client under the key of a write: the first one, or a repetition. */
export interface Attempt {
  readonly sentAtMs: number;
  /** null: the client got no answer */
  readonly answeredAtMs: number | null;
  /** when the client had the answer, or gave up */
  readonly endedAtMs: number;
  readonly result: WriteResult;
  /** null: no answer */
  readonly status: number | null;
  /** the body of an answer that acknowledged the write as applied; null for any other answer */
  readonly answer: Readonly<Record<string, unknown>> | null;
}

/** Another write that a client sent under the key of an acknowledged one. */
export interface Reuse {
  /** what differs, for the message of a conflict */
  readonly what: string;
  /** null: no answer */
  readonly status: number | null;
  readonly result: WriteResult;
}

/** A read by which a client looks for the effect of its write. All times are those of the client's clock. */
export type OwnRead = {
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
} & (
  | {
      readonly of: "request";
      /** null: the service has no write under the key */
      readonly status: "pending" | "applied" | "refused" | null;
      /** the answer of the write, if it was applied */
      readonly response: Readonly<Record<string, unknown>> | null;
    }
  | {
      readonly of: "badge";
      /** null: the answer has no such badge */
      readonly active: boolean | null;
    }
);

interface SentWrite<Kind extends keyof WriteBodies> {
  /** the idempotency key, a UUID */
  readonly token: string;
  readonly userId: number;
  readonly kind: Kind;
  readonly body: WriteBodies[Kind];
  /** when the client sent it first, by the client's monotonic clock, in ms */
  readonly sentAtMs: number;
  /** when the client first received `result`; null: the client got no answer */
  readonly answeredAtMs: number | null;
  /** of all attempts together: see {@link resultOf} */
  readonly result: WriteResult;
  /** all requests with this write under its key; absent: one */
  readonly attempts?: readonly Attempt[];
  readonly reuses?: readonly Reuse[];
  readonly reads?: readonly OwnRead[];
}

/** A write from the view of its client. */
export type HistoryEntry = { [Kind in keyof WriteBodies]: SentWrite<Kind> }[keyof WriteBodies];

/** True if the client got 202 at least once, also if a repetition then found the write applied. */
export const wasAccepted = ({ result, attempts }: HistoryEntry): boolean =>
  result === "accepted" || (attempts ?? []).some((attempt) => attempt.result === "accepted");

/**
 * When the client first learned that the service has the write, by 200 or 202. `answeredAtMs` of an applied write is later if a 202 came
 * first: then its repetition hid a write that overtook it.
 * @returns null: never
 */
export function acknowledgedAtMs({ result, answeredAtMs, attempts }: HistoryEntry): number | null {
  const times = (attempts ?? []).flatMap((attempt) =>
    (attempt.result === "applied" || attempt.result === "accepted") && attempt.answeredAtMs !== null
      ? [attempt.answeredAtMs]
      : [],
  );
  const own = (result === "applied" || result === "accepted") && answeredAtMs !== null ? [answeredAtMs] : [];
  const all = [...times, ...own];
  return all.length === 0 ? null : Math.min(...all);
}

/** An acknowledgement outweighs all other answers. A write is refused only if every attempt was refused for certain. */
const RANKS = ["applied", "accepted", "unknown", "refused"] as const satisfies readonly WriteResult[];

/** The result of several attempts, and the first time at which the client received it. */
export function resultOf(attempts: readonly Attempt[]): Pick<Attempt, "result" | "answeredAtMs"> {
  const result = RANKS.find((rank) => attempts.some((attempt) => attempt.result === rank)) ?? "unknown";
  const answers = attempts.flatMap((attempt) =>
    attempt.result === result && attempt.answeredAtMs !== null ? [attempt.answeredAtMs] : [],
  );
  return { result, answeredAtMs: answers.length === 0 ? null : Math.min(...answers) };
}
