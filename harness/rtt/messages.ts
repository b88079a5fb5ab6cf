/** Messages between the harness and the process of a latency proxy; plain data. */

export interface ProxyTask {
  readonly host: string;
  readonly port: number;
  readonly socketPath?: string;
  /** added to each round trip, half of it each way */
  readonly delayMs: number;
}

/** Counts since the last reset. */
export interface TurnCounts {
  /** number of times that a client sent after the server had sent, over all connections */
  readonly roundTrips: number;
  /** the longest sequence of round trips, each of which began after the answer of the previous one, over all connections */
  readonly roundTripChain: number;
}

export type ToProxy = { type: "start"; task: ProxyTask } | { type: "reset" } | { type: "read" };

export type FromProxy =
  | { type: "listening"; port: number }
  | { type: "reset" }
  | ({ type: "counts" } & TurnCounts)
  | { type: "failed"; message: string };
