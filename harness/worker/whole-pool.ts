/** Opens all connections of a pool before the work that must not contain their opening. */
import type { OrmSession } from "../../orms/orm.ts";

/** `openWholePool` stops waiting after this time for a library that opens fewer connections than its limit. */
const MAX_POOL_OPENING_MS = 8_000;

/**
 * Holds every connection of the pool until all are open, so that the pool opens none during the measured time. Without the hold,
 * pools that connect one after the other would reuse a free connection instead.
 *
 * @returns how many connections were open at the same time
 */
export async function openWholePool(session: OrmSession, connections: number): Promise<number> {
  const { promise: allOpen, resolve: release } = Promise.withResolvers<void>();
  let isReleased = false;
  const letGo = (): void => {
    isReleased = true;
    release();
  };
  const timer = setTimeout(letGo, MAX_POOL_OPENING_MS);
  let open = 0;
  const hold = async (tx: OrmSession): Promise<void> => {
    await tx.query("SELECT 1", []);
    // later ones use a connection again that another gave back
    if (!isReleased) open += 1;
    if (open === connections) letGo();
    await allOpen;
  };
  try {
    await Promise.all(Array.from({ length: connections }, () => session.transaction(hold)));
    return open;
  } finally {
    clearTimeout(timer);
  }
}
