import type { Refusal } from "./commands.ts";

/** The answer of the server to a held statement. The client has not received it. */
export interface HeldAnswer {
  /** false: the connection has ended, and the client cannot receive the answer any more */
  readonly isAlive: boolean;
  deliver(): void;
  /** Ends the connection. */
  cut(): void;
}

/** A statement that the server has not received. The connection sends nothing more before one of these calls. */
export interface Held {
  /** false: the client or the server has ended the connection, and the statement has no effect any more */
  readonly isAlive: boolean;
  pass(): void;
  /** The server receives the statement, and its answer ends the connection instead of reaching the client. */
  loseAnswer(): void;
  /** Resolves with the answer of the server, or null if the connection ends before it. */
  passAndHoldAnswer(): Promise<HeldAnswer | null>;
  /** Ends the connection before the server receives the statement. */
  cut(): void;
  /** The client receives this error, and the server receives nothing. */
  refuse(refusal: Refusal): void;
  /** As for the victim of a deadlock: the server rolls the transaction back, and the client receives this error. */
  rollBack(refusal: Refusal): void;
}
