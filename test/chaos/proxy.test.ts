/** The proxy before a member, with the driver of the service on a real server. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Socket } from "node:net";
import { createConnection, type Connection } from "mysql2/promise";
import { atCommit, beforeLock, type Point } from "../../harness/chaos/proxy/points.ts";
import { Proxy } from "../../harness/chaos/proxy/proxy.ts";
import { openTestSchema } from "../support/database.ts";
import { testServer } from "../support/worker-server.ts";

const never = new AbortController().signal;
const containing =
  (text: string): Point =>
  ({ sql }) =>
    sql.includes(text);

/** The socket of the driver. */
const streamOf = (connection: Connection): Socket =>
  (connection as unknown as { connection: { stream: Socket } }).connection.stream;

describe("the proxy", () => {
  let proxy: Proxy;
  let schema: Awaited<ReturnType<typeof openTestSchema>>;
  beforeAll(async () => {
    schema = await openTestSchema("chaos_proxy", { create: true });
    proxy = await Proxy.start(() => schema.target);
    await using open = await client();
    await open.connection.query("CREATE TABLE users (id INT PRIMARY KEY, grade INT)");
    await open.connection.query("INSERT INTO users VALUES (1, 1)");
  });
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    await schema[Symbol.asyncDispose]();
  });

  async function client(): Promise<{ connection: Connection } & AsyncDisposable> {
    const { host, port, user, password, schema: database } = proxy.target;
    const connection = await createConnection({ host, port, user, password, database });
    connection.on("error", () => {});
    return { connection, [Symbol.asyncDispose]: () => Promise.resolve(connection.destroy()) };
  }

  it("finds a prepared statement by its text at each execution", async () => {
    await using open = await client();
    for (const number of [1, 2]) {
      const holding = proxy.next(containing("AS answer"), never);
      const answering = open.connection.execute("SELECT ? AS answer", [number]);
      (await holding)?.pass();
      expect((await answering)[0]).toEqual([{ answer: number }]);
    }
  });

  it("refuses a statement in the place of the server, which does not receive it", async () => {
    await using open = await client();
    const holding = proxy.next(containing("SET grade = 9"), never);
    const answering = open.connection.query("UPDATE users SET grade = 9");
    (await holding)?.refuse({ number: 1205, state: "HY000", message: "Lock wait timeout exceeded" });
    await expect(answering).rejects.toMatchObject({ errno: 1205 });
    expect((await open.connection.query("SELECT grade FROM users"))[0]).toEqual([{ grade: 1 }]);
  });

  it("rolls a transaction back for the victim of a deadlock, whose later statements are in no transaction", async () => {
    await using open = await client();
    await open.connection.query("UPDATE users SET grade = 1");
    await open.connection.query("START TRANSACTION");
    await open.connection.query("UPDATE users SET grade = 8");
    const holding = proxy.next(containing("SET grade = 9"), never);
    const answering = open.connection.query("UPDATE users SET grade = 9");
    (await holding)?.rollBack({ number: 1213, state: "40001", message: "Deadlock found" });
    await expect(answering).rejects.toMatchObject({ errno: 1213 });
    expect((await open.connection.query("SELECT grade FROM users"))[0]).toEqual([{ grade: 1 }]);
    await open.connection.query("UPDATE users SET grade = 3");
    await open.connection.query("ROLLBACK");
    expect((await open.connection.query("SELECT grade FROM users"))[0]).toEqual([{ grade: 3 }]);
  });

  it("changes the text of statements that connections prepare later, until the disposal", async () => {
    const answer = async (): Promise<unknown> => {
      await using open = await client();
      return (await open.connection.execute("SELECT 'early' AS answer"))[0];
    };
    {
      using _rewriting = proxy.rewrite((sql) => sql.replace("'early'", "'a later answer'"));
      expect(await answer()).toEqual([{ answer: "a later answer" }]);
    }
    expect(await answer()).toEqual([{ answer: "early" }]);
  });

  it("lists the times in which rounds held their users, with their ends", async () => {
    proxy.holds.length = 0;
    for (const end of ["COMMIT", "ROLLBACK"]) {
      await using open = await client();
      await open.connection.query("START TRANSACTION");
      await open.connection.query("SELECT id, grade FROM users WHERE id IN (1) ORDER BY id FOR UPDATE");
      await open.connection.query(end);
    }
    expect(proxy.holds.map(({ isCommitted }) => isCommitted)).toEqual([true, false]);
    expect(proxy.holds.every(({ fromMs, toMs }) => toMs > fromMs)).toBe(true);
  });

  it.each([
    { what: "keeps the rows of a COMMIT whose answer it loses", end: "loseAnswer", grade: 2 },
    { what: "keeps no row of a COMMIT that it cuts", end: "cut", grade: 1 },
  ] as const)("$what", async ({ end, grade }) => {
    await using open = await client();
    await open.connection.query("UPDATE users SET grade = 1");
    await open.connection.query("START TRANSACTION");
    await open.connection.query("SELECT id, grade FROM users WHERE id IN (1) ORDER BY id FOR UPDATE");
    await open.connection.query("UPDATE users SET grade = 2");
    const holding = proxy.next(atCommit, never);
    const committing = open.connection.query("COMMIT");
    (await holding)?.[end]();
    await expect(committing).rejects.toMatchObject({ fatal: true });
    await using later = await client();
    // waits for the end of the transaction on the server
    const [rows] = await later.connection.query("SELECT grade FROM users WHERE id = 1 FOR UPDATE");
    expect(rows).toEqual([{ grade }]);
  });

  it("delivers the answer of a COMMIT later", async () => {
    await using open = await client();
    await open.connection.query("START TRANSACTION");
    await open.connection.query("SELECT id, grade FROM users WHERE id IN (1) ORDER BY id FOR UPDATE");
    const holding = proxy.next(atCommit, never);
    const committing = open.connection.query("COMMIT");
    const answer = await (await holding)?.passAndHoldAnswer();
    answer?.deliver();
    await expect(committing).resolves.toBeDefined();
  });

  it("does not take a COMMIT for one of a round when its transaction has locked no user", async () => {
    await using open = await client();
    const over = new AbortController();
    const holding = proxy.next(atCommit, over.signal);
    await open.connection.query("START TRANSACTION");
    await open.connection.query("COMMIT");
    over.abort();
    expect(await holding).toBeNull();
  });

  it("sends a held statement of many packets on in its order", async () => {
    await using open = await client();
    const text = "x".repeat(1_000_000);
    const holding = proxy.next(containing("AS held"), never);
    const answering = open.connection.query(`SELECT 1 AS held, LENGTH('${text}') AS size`);
    const held = await holding;
    await expect.poll(() => streamOf(open.connection).writableLength).toBe(0);
    held?.pass();
    expect((await answering)[0]).toEqual([{ held: 1, size: text.length }]);
  });

  it.each([
    { what: "the server ended its session", end: "server" },
    { what: "its client gave it up", end: "client" },
  ])("shows that a held statement has no effect any more after $what", async ({ end }) => {
    await using open = await client();
    await using other = await client();
    const holding = proxy.next(containing("SET grade = 9"), never);
    const answering = open.connection.query("UPDATE users SET grade = 9");
    const failing = expect(answering).rejects.toMatchObject({ fatal: true });
    const held = await holding;
    expect(held?.isAlive).toBe(true);
    if (end === "server") await other.connection.query(`KILL ${open.connection.threadId}`);
    else streamOf(open.connection).destroy();
    await expect.poll(() => held?.isAlive).toBe(false);
    held?.pass();
    await failing;
    expect((await other.connection.query("SELECT COUNT(*) AS nines FROM users WHERE grade = 9"))[0]).toEqual([{ nines: 0 }]);
  });

  it("shows that a held answer cannot reach its client any more", async () => {
    await using open = await client();
    const holding = proxy.next(containing("AS late"), never);
    const failing = expect(open.connection.query("SELECT 1 AS late")).rejects.toMatchObject({ fatal: true });
    const answer = await (await holding)?.passAndHoldAnswer();
    expect(answer?.isAlive).toBe(true);
    streamOf(open.connection).destroy();
    await expect.poll(() => answer?.isAlive).toBe(false);
    await failing;
  });

  it("cuts each connection that reaches a point, counts them, and passes later ones", async () => {
    {
      using cut = proxy.cutAt(beforeLock);
      await using open = await client();
      expect(cut.count).toBe(0);
      await expect(open.connection.query("SELECT id, grade FROM users WHERE id IN (1)")).rejects.toMatchObject({ fatal: true });
      expect(cut.count).toBe(1);
    }
    await using open = await client();
    expect((await open.connection.query("SELECT id, grade FROM users WHERE id IN (1)"))[0]).toHaveLength(1);
  });

  it("ends all connections of a member", async () => {
    await using open = await client();
    proxy.cutAll();
    await expect(open.connection.query("SELECT 1")).rejects.toMatchObject({ fatal: true });
    expect((await testServer()).port).not.toBe(proxy.target.port);
  });
});
