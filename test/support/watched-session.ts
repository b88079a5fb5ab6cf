import type { OrmSession } from "../../orms/orm.ts";

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
      const call = own.bind(target) as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => pass(String(property), args, () => call(...args));
    },
  });
}
