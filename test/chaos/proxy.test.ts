/** The proxy before a member, with the driver of the service on a real server. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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

  it("cuts each connection that reaches a point, and passes later ones", async () => {
    {
      using _cut = proxy.cutAt(beforeLock);
      await using open = await client();
      await expect(open.connection.query("SELECT id, grade FROM users WHERE id IN (1)")).rejects.toMatchObject({ fatal: true });
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
