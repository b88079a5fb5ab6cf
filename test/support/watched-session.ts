import type { OrmSession } from "../../orms/orm.ts";

type Operation = Exclude<keyof OrmSession, "transaction" | typeof Symbol.asyncDispose>;

/** Another function in a property may be the library itself, such as Knex, which a bound copy would leave without its functions. */
const OPERATIONS: Record<Operation, true> = {
  usersAfter: true,
  paidOrders: true,
  orderTotals: true,
  badges: true,
  insertOne: true,
  insertMany: true,
  updateOne: true,
  updateWhere: true,
  executeBatch: true,
  executeMany: true,
  executePrepared: true,
  loadData: true,
  execute: true,
  query: true,
  clear: true,
};

/**
 * A session with a function that passes or blocks its operations and the operations of its transactions.
 * @param pass receives the operation's name, its arguments and the call; its return value goes to the caller
 */
export function watchedSession(
  session: OrmSession,
  pass: (operation: string, args: readonly unknown[], call: () => unknown) => unknown,
): OrmSession {
  return new Proxy(session, {
    get(target, property) {
      if (property === "transaction")
        return (work: (tx: OrmSession) => Promise<unknown>) => target.transaction((tx) => work(watchedSession(tx, pass)));
      const own = target[property as keyof OrmSession] as unknown;
      if (typeof own !== "function") return own;
      const bound = own.bind(target) as (...args: unknown[]) => unknown;
      if (!(property in OPERATIONS)) return Object.hasOwn(target, property) ? own : bound;
      return (...args: unknown[]) => pass(String(property), args, () => bound(...args));
    },
  });
}
