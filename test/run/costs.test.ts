/** The server's counters of a sample on real runs, compared exactly when the counter is exact. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openServerProbes } from "../../harness/probes/server/index.ts";
import type { Costs } from "../../harness/results/costs-schema.ts";
import { differences } from "../../harness/probes/server/probe.ts";
import type { RunResults, SampleRecord } from "../../harness/results/records.ts";
import { reporter as markdown } from "../../harness/reporters/markdown.ts";
import { reporter as table } from "../../harness/reporters/table.ts";
import { timeSplit } from "../../harness/results/costs.ts";
import { connect, execute, select } from "../../lib/connection.ts";
import { silentLog } from "../../lib/log.ts";
import { openGrantedAccount } from "../support/accounts.ts";
import { isFull } from "../support/full.ts";
import { expectLeastWork } from "../support/least-work.ts";
import { openTestRuns, type TestRuns } from "../support/run.ts";

/** A small number, because Prisma saves row by row here. */
const DATA = { users: 40, orders: 1_400, dormantUsers: 0, dataSeed: 1 };

let runs: TestRuns;
let results: RunResults;
beforeAll(async () => {
  runs = await openTestRuns("costs");
  const cells = { keys: ["identity"], chunkUsers: [20] };
  results = await runs.run(
    [
      { ...cells, strategies: ["naive"], orms: ["mysql2", "prisma"] },
      { ...cells, strategies: ["chunked"], orms: ["mariadb"] },
      { ...cells, strategies: ["set-based"], orms: ["mysql2"] },
    ],
    { rounds: isFull ? 2 : 1, dataset: DATA },
  );
});
afterAll(() => runs[Symbol.asyncDispose]());

const samples = (strategy: string, orm: string): SampleRecord[] =>
  results.samples.filter(({ cell }) => cell.strategy === strategy && cell.orm === orm);
function costsOf({ costs }: SampleRecord): Costs {
  if (costs === null) throw new Error("nothing was counted");
  return costs;
}
const sum = (kinds: Costs["statementKinds"]): number => Object.values(kinds ?? {}).reduce((total, number) => total + number, 0);

describe("the server's counters of a sample", () => {
  it("add up to all statements of the process for every library and protocol", () => {
    for (const sample of results.samples) expect(sum(costsOf(sample).statementKinds), sample.cell.id).toBe(sample.statements);
  });

  it("show hidden statements: Prisma's create reads its row back inside a separate transaction", () => {
    for (const [handWritten, prisma] of samples("naive", "mysql2").map((sample, index) => [
      sample,
      samples("naive", "prisma")[index],
    ])) {
      if (handWritten === undefined || prisma === undefined) throw new Error("a sample is missing");
      const own = costsOf(handWritten).statementKinds ?? {};
      const hidden = costsOf(prisma).statementKinds ?? {};
      const { insert: inserts = 0, update: updates = 0, select: selects = 0 } = own;
      expect(hidden["insert"]).toBe(inserts);
      expect(hidden["update"]).toBe(updates);
      // the marks for start and end of the run are hand-written SQL in every library
      const [created, updated] = [inserts - 1, updates - 1];
      expect(hidden["begin"]).toBe(created + updated);
      expect(hidden["commit"]).toBe(created + updated);
      expect(hidden["select"]).toBe(selects + created + 2 * updated);
      expect(own["begin"]).toBeUndefined();
    }
  });

  it("count the prepared protocol separately: Prisma prepares and closes every statement that it executes", () => {
    for (const sample of samples("naive", "prisma")) {
      const { prepares, executions, closes } = costsOf(sample);
      expect(executions).toBeGreaterThan(100);
      expect(prepares).toBe(executions);
      expect(closes).toBe(executions);
    }
  });

  it("count the prepared statements that are open at the end: a few of a driver that keeps them, none of Prisma", () => {
    const opened = (sample: SampleRecord): number => {
      const { preparedOpenBefore, preparedOpenAtEnd } = costsOf(sample);
      return (preparedOpenAtEnd ?? Number.NaN) - (preparedOpenBefore ?? Number.NaN);
    };
    for (const sample of samples("naive", "prisma")) expect(opened(sample)).toBeLessThanOrEqual(0);
    for (const sample of samples("naive", "mysql2")) {
      expect(costsOf(sample).preparedOpenAtEnd).toBeGreaterThan(0);
      expect(opened(sample)).toBeLessThan(100);
    }
  });

  it("list the most frequent statements without values and without statements of the harness", () => {
    for (const sample of results.samples) {
      const texts = costsOf(sample).topStatements?.map(({ text }) => text) ?? [];
      expect(texts.length).toBeGreaterThan(3);
      expect(texts.join("\n")).not.toMatch(/performance_schema|SHOW|ANALYZE|_snapshot_|_expected_|'(VIP|GOLD|SILVER)'/i);
    }
    expect(costsOf(samples("naive", "mysql2")[0] as SampleRecord).topStatements?.[0]?.text).toMatch(/^EXECUTE INSERT INTO/);
  });

  it("count equal rows for equal work, and far fewer bytes when the work stays in the server", () => {
    const [naive, chunked, setBased] = [
      samples("naive", "mysql2"),
      samples("chunked", "mariadb"),
      samples("set-based", "mysql2"),
    ].map(([sample]) => costsOf(sample as SampleRecord));
    expect(chunked?.rowsUpdated).toBe(naive?.rowsUpdated);
    expect(naive?.rowsInserted).toBe(chunked?.rowsInserted);
    expect(setBased?.bytesToServer).toBeLessThan((chunked?.bytesToServer ?? 0) / 2);
    expect(chunked?.bytesToServer).toBeLessThan(naive?.bytesToServer ?? 0);
    expect(naive?.redoFsyncs).toBeGreaterThan(10 * (chunked?.redoFsyncs ?? Number.NaN));
  });

  it("reach the least work of the job in each cell", () => {
    expect(expectLeastWork(results)).toBe(results.samples.length);
  });

  it("are complete on a MySQL server, and without the reads of key locality, which take seconds", () => {
    const ofLocality = ["growingRows", "leafFill", "lookupUs", "lookupPagesRead", "rangeRowsPerSecond"];
    const onlyOurs = ["pageSplits", "serverCpuMs", "parseMs", ...ofLocality];
    for (const sample of results.samples) {
      const unknown = Object.entries(costsOf(sample)).filter(([name, value]) => value === null && !onlyOurs.includes(name));
      // on an external server the longest transaction is known only when it is a new maximum
      expect(unknown.map(([name]) => name).filter((name) => name !== "longestTransactionMs")).toEqual([]);
      expect(costsOf(sample).deadlocks).toBe(0);
      for (const name of ofLocality) expect(costsOf(sample), name).toHaveProperty(name, null);
    }
    expect(results.run.notes.filter((note) => note.startsWith("Not recorded"))).toEqual([
      expect.stringMatching(/: page splits; the time of parsing; the server's CPU time\.$/),
    ]);
    expect(results.run.notes).toContainEqual(expect.stringMatching(/^Recorded in part: the longest transaction/));
  });

  it("are empty with a warning when the server closes the session of the probes during the sample", async () => {
    const { target } = runs;
    // the test finds the probes' session by this account name
    await using account = await openGrantedAccount({ ...target, schema: `${target.schema}_granted` }, { withCounts: true });
    await using probes = await openServerProbes(account.target, { isOwned: false, account: null, serverPid: null }, silentLog);
    await probes.start();
    const admin = await connect(target, { withSchema: false });
    const sessions = await select<{ id: number }>(admin, "SELECT id FROM information_schema.processlist WHERE user = ?", [
      account.target.user,
    ]);
    for (const { id } of sessions) await execute(admin, `KILL ${id}`);
    await admin.end();
    const { costs, warnings } = await probes.finish("identity");
    expect(costs).toMatchObject({ redoBytes: null, fsyncs: null });
    expect(warnings).toContainEqual(
      expect.stringMatching(/^not recorded: rows, redo, fsyncs, row-lock waits and pages read \(.+\)$/),
    );
  });

  it("keep the counts at the end of the job when the server loses them as the sessions end", async () => {
    const { target } = runs;
    await using account = await openGrantedAccount({ ...target, schema: `${target.schema}_granted` }, { withCounts: true });
    const open = () => connect(account.target, { withSchema: false });
    const [admin, own, session] = await Promise.all([connect(target, { withSchema: false }), open(), open()]);
    const counted = { user: account.target.user, ownConnectionId: own.threadId };
    await using probes = await openServerProbes(target, { isOwned: false, account: counted, serverPid: null }, silentLog);
    await probes.start();
    for (const statement of ["BEGIN", "COMMIT", "BEGIN", "COMMIT"]) await execute(session, statement);
    await probes.atEnd();
    for (const table of ["statements", "transactions"])
      await execute(admin, `TRUNCATE TABLE performance_schema.events_${table}_summary_by_account_by_event_name`);
    await session.end();
    const { costs } = await probes.finish("identity");
    await Promise.all([admin.end(), own.end()]);
    expect(costs).toMatchObject({ statementKinds: { begin: 2, commit: 2 }, transactions: expect.any(Number) });
    expect(costs.transactions).toBeGreaterThanOrEqual(2);
  });

  it("have the time of parsing on a server that bench starts: that of a long text, not that of a statement that waits", async () => {
    const { target } = runs;
    await using account = await openGrantedAccount({ ...target, schema: `${target.schema}_parsed` }, { withCounts: true });
    const open = () => connect(account.target, { withSchema: false });
    const [own, session] = await Promise.all([open(), open()]);
    const counted = { user: account.target.user, ownConnectionId: own.threadId };
    await using probes = await openServerProbes(target, { isOwned: true, account: counted, serverPid: null }, silentLog);
    const parseMsOf = async (statement: string): Promise<number> => {
      await probes.start();
      await session.query(statement);
      return (await probes.finish("identity")).costs.parseMs ?? Number.NaN;
    };
    const waiting = await parseMsOf("DO SLEEP(0.3)");
    const long = await parseMsOf(`DO ${Array.from({ length: 60_000 }, (_, index) => index).join(" + 1, ")}`);
    await Promise.all([own.end(), session.end()]);
    expect(waiting).toBeLessThan(100);
    expect(long).toBeGreaterThan(3 * waiting);
  });

  it("are unknown, not negative, when a counter was reset", async () => {
    const readings = [new Map([["bytes", 500]]), new Map([["bytes", 20]])];
    const probe = differences(
      async () => readings.shift() ?? new Map(),
      (grown) => ({ binlogBytes: grown("bytes") }),
    );
    await probe.start();
    expect(await probe.finish("identity")).toEqual({ binlogBytes: null });
  });

  it("split the time of a worker between client, server and the rest", () => {
    for (const sample of results.samples) {
      const split = timeSplit(sample);
      expect(split?.serverMs).toBeGreaterThan(0);
      expect(split?.clientMs).toBeGreaterThan(0);
      expect((split?.clientMs ?? 0) + (split?.serverMs ?? 0) + (split?.restMs ?? 0)).toBeGreaterThanOrEqual(
        (sample.wallMs ?? 0) * 0.999,
      );
    }
  });

  it("appear beside the times on the page and on the terminal", async () => {
    const page = (await markdown.files(results)).map(({ content }) => content).join("");
    expect(page).toMatch(/## Explanation of the times\n/);
    expect(page).toMatch(/naive \/ prisma \/ identity \| [\d,]+: [\d,]+ select, [\d,]+ (begin|commit)/);
    expect(page).toContain("the most frequent statements</summary>");
    const shown = table.terminal?.(results, { colour: false }) ?? "";
    expect(shown).toMatch(/client \d+ %, server \d+ %, wire and waiting \d+ %/);
    for (const line of shown.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });
});
