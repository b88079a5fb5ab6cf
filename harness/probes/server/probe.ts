/**
 * Counters of the server for a sample. Each file in this folder reads one source and exports one `probe`. Probes read before the
 * clock starts and after the sessions ended, so that they do not affect the time.
 */
import type { Connection } from "../../../lib/connection.ts";
import type { KeyStorage } from "../../../workload/tables.ts";
import type { Costs } from "../../results/costs-schema.ts";

export interface ProbeContext {
  /** without a current schema, so that the digests of the job's schema exclude the probes' statements */
  readonly admin: Connection;
  /** a server that bench manages: a probe may enable and reset counters there */
  readonly isOwned: boolean;
  /** the schema of the job */
  readonly schema: string;
  /** the children's separate account, which has one session of the harness; null if they share the harness's account */
  readonly account: { readonly user: string; readonly ownConnectionId: number } | null;
  /** null if the server is not a process of this machine */
  readonly serverPid: number | null;
}

export interface SampleProbe {
  /** values that the probe cannot provide for every sample, with the reason, for a note */
  readonly partly?: string;
  /** called before the clock starts */
  start(): Promise<void>;
  /**
   * called at the end of the job, while its sessions are open. Only for counters of the account: the server adds the counters of a session
   * to its account when the session ends, without a lock. Sums were too small after 1 of 400 ends of 10 sessions at the same time.
   */
  atEnd?(): Promise<void>;
  /** called after the child's sessions ended. @param storage selects the growing tables of the sample */
  finish(storage: KeyStorage): Promise<Partial<Costs>>;
}

export interface ServerProbe {
  readonly id: string;
  /** names the values in a note if they are missing: `statements by kind` */
  readonly subject: string;
  /** @returns the probe, or the reason why this server cannot provide the values; a thrown error counts as a reason */
  open(context: ProbeContext): Promise<SampleProbe | { readonly missing: string }>;
}

type Counters = ReadonlyMap<string, number>;

/** Of each name, the larger value: a counter that became smaller was lost. */
export function larger<Value>(a: ReadonlyMap<string, Value>, b: ReadonlyMap<string, Value>, sizeOf: (value: Value) => number) {
  const result = new Map(a);
  for (const [name, value] of b) {
    const known = result.get(name);
    if (known === undefined || sizeOf(value) > sizeOf(known)) result.set(name, value);
  }
  return result;
}

/** A probe of growing counters. A name that one of the two readings lacks gives null. */
export function differences(
  read: () => Promise<Counters>,
  costsOf: (grown: (name: string) => number | null) => Partial<Costs>,
): SampleProbe {
  let before: Counters = new Map();
  return {
    async start() {
      before = await read();
    },
    async finish() {
      const after = await read();
      return costsOf((name) => {
        const [from, to] = [before.get(name), after.get(name)];
        // a smaller value means a reset or PURGE BINARY LOGS: the growth is unknown
        return from === undefined || to === undefined || to < from ? null : to - from;
      });
    },
  };
}

/** A probe of growing counters of the account. */
export function accountDifferences(
  read: () => Promise<Counters>,
  costsOf: (grown: (name: string) => number | null) => Partial<Costs>,
): SampleProbe {
  let atEnd: Counters = new Map();
  const probe = differences(async () => larger(atEnd, await read(), (value) => value), costsOf);
  return {
    ...probe,
    async start() {
      atEnd = new Map();
      await probe.start();
    },
    async atEnd() {
      atEnd = await read();
    },
  };
}

/** performance_schema reports times in picoseconds. */
export const PS_PER_MS = 1e9;
