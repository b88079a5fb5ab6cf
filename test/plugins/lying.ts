/** The honest strategy with one lie between the strategy and the database. */
import { strategy as honest } from "../../strategies/chunked.ts";
import type { Strategy, StrategyContext } from "../../strategies/strategy.ts";
import type { OrmSession } from "../../orms/orm.ts";

/** Operations of a session to replace; each receives the real session. */
export type Lie = (real: OrmSession) => Partial<OrmSession>;

function lyingSession(real: OrmSession, lie: Lie): OrmSession {
  const lies = lie(real);
  return new Proxy(real, {
    get(target, property) {
      if (property === "transaction") {
        return (work: (session: OrmSession) => Promise<unknown>) => target.transaction((tx) => work(lyingSession(tx, lie)));
      }
      const replaced = (lies as Record<PropertyKey, unknown>)[property];
      if (replaced !== undefined) return replaced;
      const own = target[property as keyof OrmSession];
      return typeof own === "function" ? (own as (...args: unknown[]) => unknown).bind(target) : own;
    },
  });
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
