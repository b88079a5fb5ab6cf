/** The honest strategy with one lie between the strategy and the database. */
import { strategy as honest } from "../../strategies/chunked.ts";
import type { Strategy, StrategyContext } from "../../strategies/strategy.ts";
import type { OrmSession } from "../../orms/orm.ts";

/** Operations of a session to replace; each receives the real session. */
export type Lie = (real: OrmSession) => Partial<OrmSession>;

export function lyingSession(real: OrmSession, lie: Lie): OrmSession {
  const lies = lie(real);
  return new Proxy(real, {
    get(target, property) {
      if (property === "transaction" && lies.transaction === undefined) {
        return (work: (session: OrmSession) => Promise<unknown>) => target.transaction((tx) => work(lyingSession(tx, lie)));
      }
      const replaced = (lies as Record<PropertyKey, unknown>)[property];
      if (replaced !== undefined) return replaced;
      const own = target[property as keyof OrmSession];
      return typeof own === "function" ? (own as (...args: unknown[]) => unknown).bind(target) : own;
    },
  });
}

/** A strategy whose hand-written SQL is changed before it is sent. */
export function onStatements(strategy: Strategy, id: string, change: (sql: string) => string): Strategy {
  const lie: Lie = (real) => ({ execute: (sql, params) => real.execute(change(sql), params) });
  return { ...strategy, id, run: (context) => strategy.run({ ...context, session: lyingSession(context.session, lie) }) };
}

export function lying(
  id: string,
  lie: Lie,
  change: (context: StrategyContext) => Partial<StrategyContext> = () => ({}),
): Strategy {
  return {
    ...honest,
    id,
    summary: "lies",
    run: (context) => honest.run({ ...context, ...change(context), session: lyingSession(context.session, lie) }),
  };
}
