/**
 * What a sample cost, as the server counted it: one file per source in this folder, each exporting `probe`. All of it is read
 * before the clock starts and after the sessions are gone, never meanwhile.
 */
import type { Connection } from "../../../lib/connection.ts";
import type { KeyStorage } from "../../../workload/tables.ts";
import type { Costs } from "../../results/costs-schema.ts";

export interface ProbeContext {
  /** its current schema is none, so that the digests of the job's schema are free of what the probes ask */
  readonly admin: Connection;
  /** our own server: what is counted may be switched on or set back there */
  readonly isOurs: boolean;
  /** the schema of the job */
  readonly schema: string;
  /** the children's own account, with one session of the harness in it; null where they share the harness's */
  readonly account: { readonly user: string; readonly ownConnectionId: number } | null;
  /** null: not a process of this machine */
  readonly serverPid: number | null;
}

export interface SampleProbe {
  /** what it can't tell of each sample here, and why, for a note */
  readonly partly?: string;
  /** before the clock starts */
  start(): Promise<void>;
  /** after the sessions of the child are gone. @param storage of the sample's growing tables */
  finish(storage: KeyStorage): Promise<Partial<Costs>>;
}

export interface ServerProbe {
  readonly id: string;
  /** what it tells of, for the note where it can't: `statements by kind` */
  readonly subject: string;
  /** @returns why it is not to be had here, where that is so; an error of the server means the same */
  open(context: ProbeContext): Promise<SampleProbe | { readonly missing: string }>;
}

type Counters = ReadonlyMap<string, number>;

/** A probe of counters that only grow. Names that one of the two readings lacks are left out. */
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
        // a count that has fallen was set back, or what it counts was thrown away (PURGE BINARY LOGS): nobody knows the rest
        return from === undefined || to === undefined || to < from ? null : to - from;
      });
    },
  };
}

/** Picoseconds, performance_schema's unit, in milliseconds. */
export const PS_PER_MS = 1e9;
