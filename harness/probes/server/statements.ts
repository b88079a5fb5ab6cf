import { select, type Connection } from "../../../lib/connection.ts";
import type { Costs } from "../../results/costs-schema.ts";
import { larger, PS_PER_MS, type SampleProbe, type ServerProbe } from "./probe.ts";

/** 8 statements explain a technique; `statementKinds` counts all of them. */
const TOP_STATEMENTS = 8;
const MAX_TEXT_CHARS = 300;
const EXECUTE = "statement/com/Execute";

interface Event {
  count: number;
  picoseconds: number;
}

interface Digest extends Event {
  readonly text: string;
}

/** Digests of the statements in the job's schema, by digest hash. */
async function readDigests(admin: Connection, schema: string): Promise<Map<string, Digest>> {
  const rows = await select<{ digest: string; text: string; count: string; picoseconds: string }>(
    admin,
    `SELECT DIGEST AS digest, LEFT(DIGEST_TEXT, ${MAX_TEXT_CHARS + 1}) AS text, COUNT_STAR AS count, SUM_TIMER_WAIT AS picoseconds
     FROM performance_schema.events_statements_summary_by_digest
     WHERE SCHEMA_NAME = ? AND DIGEST IS NOT NULL`,
    [schema],
  );
  return new Map(rows.map(({ digest, text, ...sums }) => [digest, { text, ...asNumbers(sums) }]));
}

const asNumbers = ({ count, picoseconds }: { count: string; picoseconds: string }): Event => ({
  count: Number(count),
  picoseconds: Number(picoseconds),
});

/** Statements and protocol commands of the children by event name: those of the account minus those of the harness's session. */
async function readEvents(admin: Connection, user: string, ownConnectionId: number): Promise<Map<string, Event>> {
  const rows = await select<{ name: string; count: string; picoseconds: string; part: number }>(
    admin,
    `SELECT EVENT_NAME AS name, SUM(COUNT_STAR) AS count, SUM(SUM_TIMER_WAIT) AS picoseconds, 1 AS part
     FROM performance_schema.events_statements_summary_by_account_by_event_name
     WHERE USER = ? AND COUNT_STAR > 0 GROUP BY EVENT_NAME
     UNION ALL
     SELECT EVENT_NAME, COUNT_STAR, SUM_TIMER_WAIT, -1
     FROM performance_schema.events_statements_summary_by_thread_by_event_name JOIN performance_schema.threads USING (THREAD_ID)
     WHERE PROCESSLIST_ID = ? AND COUNT_STAR > 0`,
    [user, ownConnectionId],
  );
  const events = new Map<string, Event>();
  for (const { name, part, ...sums } of rows) {
    const { count, picoseconds } = asNumbers(sums);
    const known = events.get(name) ?? { count: 0, picoseconds: 0 };
    events.set(name, { count: known.count + part * count, picoseconds: known.picoseconds + part * picoseconds });
  }
  return events;
}

function grown<Row extends Event>(before: ReadonlyMap<string, Row>, after: ReadonlyMap<string, Row>): Map<string, Row> {
  const result = new Map<string, Row>();
  for (const [name, row] of after) {
    const from = before.get(name);
    const count = row.count - (from?.count ?? 0);
    if (count > 0) result.set(name, { ...row, count, picoseconds: row.picoseconds - (from?.picoseconds ?? 0) });
  }
  return result;
}

/** Counts executions of prepared statements by the kind in their digest (`EXECUTE INSERT INTO ...`); the server counts only EXECUTE. */
function kindsOf(events: ReadonlyMap<string, Event>, digests: ReadonlyMap<string, Digest>): Record<string, number> {
  const kinds = new Map<string, number>();
  const add = (kind: string, count: number): void => {
    if (count !== 0) kinds.set(kind, (kinds.get(kind) ?? 0) + count);
  };
  for (const [name, { count }] of events) {
    const kind = /^statement\/sql\/(.+)/.exec(name)?.[1];
    if (kind !== undefined) add(kind, count);
  }
  let unexplained = events.get(EXECUTE)?.count ?? 0;
  for (const { text, count } of digests.values()) {
    const kind = /^EXECUTE (\w+)/.exec(text)?.[1];
    if (kind === undefined || count > unexplained) continue;
    add(kind.toLowerCase(), count);
    unexplained -= count;
  }
  add("execute", unexplained);
  return Object.fromEntries([...kinds].toSorted(([, a], [, b]) => b - a));
}

function topOf(digests: ReadonlyMap<string, Digest>): NonNullable<Costs["topStatements"]> {
  return [...digests.values()]
    .filter(({ text }) => !/^(PREPARE|DEALLOCATE) /.test(text))
    .toSorted((a, b) => b.count - a.count || b.picoseconds - a.picoseconds)
    .slice(0, TOP_STATEMENTS)
    .map(({ text, count, picoseconds }) => ({
      text: text.length > MAX_TEXT_CHARS ? `${text.slice(0, MAX_TEXT_CHARS)}...` : text,
      count,
      serverMs: picoseconds / PS_PER_MS,
    }));
}

/** Events cover the children's account. Digests cover the whole server; the schema lock keeps other benches out of the schema. */
export const probe: ServerProbe = {
  id: "statements",
  subject: "statements by kind and their time in the server",

  async open({ admin, schema, account }) {
    if (account === null) return { missing: "the measured processes have no separate account" };
    // 0 events mean that the server does not count: even a login executes a statement
    const read = () => readEvents(admin, account.user, account.ownConnectionId);
    if ((await read()).size === 0) return { missing: "performance_schema does not count statements" };
    let events = new Map<string, Event>();
    let atEnd = new Map<string, Event>();
    let digests = new Map<string, Digest>();
    return {
      async start() {
        digests = await readDigests(admin, schema);
        [events, atEnd] = [await read(), new Map()];
      },
      async atEnd() {
        atEnd = await read();
      },
      async finish() {
        const ran = grown(
          events,
          larger(atEnd, await read(), ({ count }) => count),
        );
        const executed = grown(digests, await readDigests(admin, schema));
        const of = (name: string): number => ran.get(name)?.count ?? 0;
        return {
          statementKinds: kindsOf(ran, executed),
          prepares: of("statement/com/Prepare"),
          executions: of(EXECUTE),
          closes: of("statement/com/Close stmt"),
          topStatements: topOf(executed),
          serverMs: [...ran.values()].reduce((sum, { picoseconds }) => sum + picoseconds, 0) / PS_PER_MS,
        };
      },
    } satisfies SampleProbe;
  },
};
