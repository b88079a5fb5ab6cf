/** One statement for many parameter sets, for sessions that have only hand-written SQL for it. */
import type { OrmSession, SqlValue } from "./orm.ts";

type Executing = Pick<OrmSession, "execute">;
type ParamSets = readonly (readonly SqlValue[])[];

/** About 150 KB for a row of this job, far below any max_allowed_packet. */
const STATEMENTS_PER_PACKET = 1000;

/** Joins the statements by semicolons. The connection must allow several statements in one packet. */
export async function executeInPackets(session: Executing, sql: string, paramSets: ParamSets): Promise<void> {
  for (let start = 0; start < paramSets.length; start += STATEMENTS_PER_PACKET) {
    const sets = paramSets.slice(start, start + STATEMENTS_PER_PACKET);
    await session.execute(sets.map(() => sql).join("; "), sets.flat());
  }
}

/** Sends one statement after the other, for libraries that prepare hand-written SQL and keep it prepared. */
export async function executeInTurn(session: Executing, sql: string, paramSets: ParamSets): Promise<void> {
  for (const params of paramSets) await session.execute(sql, params);
}
