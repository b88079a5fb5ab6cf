/** Watches which members the cluster counts. A live member without a fault that is missing there is a near miss. */
import { setTimeout as delay } from "node:timers/promises";
import { BenchError, reasonOf } from "../../lib/errors.ts";
import type { Admin } from "./admin.ts";
import type { ChaosCluster } from "./cluster.ts";
import { readBeats, type Beat } from "./heartbeats.ts";
import type { ChaosMember } from "./member.ts";

const EVERY_MS = 100;

type Watched = Pick<ChaosMember, "name" | "url" | "isExpected">;

/** Compares each reading of the heartbeats with the one before. */
export class Heartbeats {
  readonly #leaseMs: number;
  readonly #nearMisses = new Set<string>();
  readonly #names = new Map<string, string>();
  /** the last heartbeat by registration; `isExpected`: no fault has touched its member at any reading since */
  readonly #last = new Map<string, { readonly atMs: number; readonly isExpected: boolean }>();

  constructor(leaseMs: number) {
    this.#leaseMs = leaseMs;
  }

  /** names of the members that were counted out by mistake */
  get nearMisses(): ReadonlySet<string> {
    return this.#nearMisses;
  }

  /** name by id of a registration */
  get names(): ReadonlyMap<string, string> {
    return this.#names;
  }

  /** @param members present, some of which had no fault when the statement began: `isExpected` may have changed since */
  compare(beats: readonly Beat[], members: readonly Watched[], wereExpected: ReadonlySet<Watched>): void {
    for (const { id, address, beatAtMs } of beats) {
      const member = members.find(({ url }) => url === address);
      if (member === undefined) continue;
      this.#names.set(id, member.name);
      const isExpected = member.isExpected && wereExpected.has(member);
      const last = this.#last.get(id);
      const isRenewed = last !== undefined && beatAtMs > last.atMs;
      // Without this, a heartbeat that is late and then renewed between two readings would count as in time.
      if (isRenewed && beatAtMs - last.atMs > this.#leaseMs && last.isExpected && isExpected) this.#nearMisses.add(member.name);
      this.#last.set(id, {
        atMs: beatAtMs,
        isExpected: isRenewed || last === undefined ? isExpected : last.isExpected && isExpected,
      });
    }
    for (const member of wereExpected) {
      const ageMs = Math.min(...beats.filter(({ address }) => address === member.url).map((beat) => beat.ageMs));
      // A fault may have begun while the server answered.
      if (member.isExpected && ageMs > this.#leaseMs) this.#nearMisses.add(member.name);
    }
  }
}

/** Its disposal throws a BenchError CHAOS_FAILED if the watch ended early: a trial without it would report no near miss. */
export interface MemberWatch extends AsyncDisposable {
  readonly nearMisses: ReadonlySet<string>;
  readonly names: ReadonlyMap<string, string>;
}

export function watchMembers(
  admin: Admin,
  cluster: { readonly members: readonly Watched[]; readonly options: Pick<ChaosCluster["options"], "leaseMs"> },
): MemberWatch {
  const heartbeats = new Heartbeats(cluster.options.leaseMs);
  const over = new AbortController();
  let failure: BenchError | null = null;
  const keepReading = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const wereExpected = new Set(cluster.members.filter(({ isExpected }) => isExpected));
      heartbeats.compare(await readBeats(admin), cluster.members, wereExpected);
      await delay(EVERY_MS, undefined, { signal: over.signal }).catch(() => {});
    }
  };
  const watching = keepReading().catch((error: unknown) => {
    failure = new BenchError(
      "CHAOS_FAILED",
      `bench could not read the heartbeats of the members: ${reasonOf(error)}`,
      "run the command again",
      error,
    );
  });
  return {
    nearMisses: heartbeats.nearMisses,
    names: heartbeats.names,
    async [Symbol.asyncDispose]() {
      over.abort();
      await watching;
      if (failure !== null) throw failure;
    },
  };
}
