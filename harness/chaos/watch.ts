/** Watches which members the cluster counts. A live member without a fault that is missing there is a near miss. */
import { setTimeout as delay } from "node:timers/promises";
import type { Admin } from "./admin.ts";
import { readBeats, type ChaosCluster } from "./cluster.ts";

const EVERY_MS = 100;

export interface MemberWatch extends AsyncDisposable {
  /** names of the members that were counted out by mistake */
  readonly nearMisses: ReadonlySet<string>;
  /** name by id of a registration, hex */
  readonly names: ReadonlyMap<string, string>;
}

export function watchMembers(admin: Admin, cluster: ChaosCluster): MemberWatch {
  const nearMisses = new Set<string>();
  const names = new Map<string, string>();
  const over = new AbortController();
  const look = async (): Promise<void> => {
    const expected = cluster.members.filter(({ isExpected }) => isExpected);
    const beats = await readBeats(admin);
    for (const { id, address } of beats) {
      const member = cluster.members.find(({ url }) => url === address);
      if (member !== undefined) names.set(id, member.name);
    }
    for (const member of expected) {
      const ageMs = Math.min(...beats.filter(({ address }) => address === member.url).map((beat) => beat.ageMs));
      // A fault may have begun while the server answered.
      if (member.isExpected && ageMs > cluster.options.leaseMs) nearMisses.add(member.name);
    }
  };
  const watching = (async () => {
    while (!over.signal.aborted) {
      await look();
      await delay(EVERY_MS, undefined, { signal: over.signal }).catch(() => {});
    }
  })();
  // The statements of the trial fail too if the server stays away.
  watching.catch(() => {});
  return {
    nearMisses,
    names,
    async [Symbol.asyncDispose]() {
      over.abort();
      await watching.catch(() => {});
    },
  };
}
