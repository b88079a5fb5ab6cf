import { once } from "node:events";
import { connect as connectSocket, createServer, type AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { createConnection as createMariadb, type Connection as Mariadb } from "mariadb";
import { createConnection as createMysql2, type ConnectionOptions } from "mysql2/promise";
import { describe, expect, it, onTestFinished } from "vitest";
import { openWireTap, type WireCommand, type WireTap } from "../../harness/trace/wire-tap.ts";
import { connect, execute, select, type Connection } from "../../lib/connection.ts";
import { openTestSchema } from "../support/database.ts";
import { testServer } from "../support/worker-server.ts";

const target = await testServer();
const ROWS = "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n";
const LONG_ROW = "SELECT REPEAT('x', 17 * 1024 * 1024) AS x";
const MANY_RESULTS = Array.from({ length: 300 }, (_, index) => (index % 3 === 0 ? `SELECT ${index}` : `SET @a = ${index}`)).join(
  ";",
);

/** A tap that closes at the end of the test, after all clients that the test opened later. */
async function openTap(options: { record: boolean } = { record: true }): Promise<WireTap> {
  const tap = await openWireTap(target);
  onTestFinished(() => tap[Symbol.asyncDispose]());
  if (options.record) tap.record();
  return tap;
}

async function openMysql2(tap: WireTap, extra: ConnectionOptions = {}): Promise<Connection> {
  // without the session settings of lib/connection.ts, which would be commands too
  const { user, password } = target;
  const connection = await createMysql2({ host: tap.host, port: tap.port, user, password, ...extra });
  onTestFinished(() => connection.end());
  return connection;
}

async function openMariadb(tap: WireTap): Promise<Mariadb> {
  const { user, password } = target;
  const connection = await createMariadb({
    host: tap.host,
    port: tap.port,
    user,
    password,
    allowPublicKeyRetrieval: true,
    multipleStatements: true,
  });
  onTestFinished(() => connection.end());
  return connection;
}

const seenOf = (tap: WireTap, since = 0): Omit<WireCommand, "connection">[] =>
  tap.commands.slice(since).map(({ kind, sql, parameters }) => ({ kind, sql, parameters }));

const openHandles = (): string[] => process.getActiveResourcesInfo().filter((name) => name.startsWith("TCP"));

const query = (sql: string) => ({ kind: "query", sql, parameters: null });
const prepare = (sql: string) => ({ kind: "prepare", sql, parameters: null });
const execution = (sql: string, parameters: number) => ({ kind: "execute", sql, parameters });
const without = (kind: WireCommand["kind"]) => ({ kind, sql: null, parameters: null });

describe("the wire tap shows the commands", () => {
  it("that mysql2 sends as text, with the values inside", async () => {
    const tap = await openTap();
    const connection = await openMysql2(tap);
    expect(await select(connection, "SELECT ? AS 'größe'", [7])).toEqual([{ größe: 7 }]);
    await expect(execute(connection, "SELECT FROM")).rejects.toThrow("syntax");
    await connection.ping();
    expect(seenOf(tap)).toEqual([query("SELECT 7 AS 'größe'"), query("SELECT FROM"), without("ping")]);
  });

  it("that mysql2 sends prepared: one prepare, then each execution with the text of its statement", async () => {
    const tap = await openTap();
    const connection = await openMysql2(tap);
    const sums = ["SELECT ? + ? AS sum", "SELECT 1 + ? AS sum"] as const;
    for (const values of [[1, 2], [30, 40], [5]]) await connection.execute(values.length === 2 ? sums[0] : sums[1], values);
    await expect(connection.execute("SELECT FROM ?", [1])).rejects.toThrow("syntax");
    await connection.execute("DO 1");
    // mysql2 3.24.4 closes the statement twice
    connection.unprepare(sums[0]);
    await connection.execute(sums[0], [5, 6]);
    expect(seenOf(tap)).toContainEqual(without("close"));
    expect(seenOf(tap).filter(({ kind }) => kind !== "close")).toEqual([
      prepare(sums[0]),
      execution(sums[0], 2),
      execution(sums[0], 2),
      prepare(sums[1]),
      execution(sums[1], 1),
      prepare("SELECT FROM ?"),
      prepare("DO 1"),
      execution("DO 1", 0),
      prepare(sums[0]),
      execution(sums[0], 2),
    ]);
  });

  it("that the MariaDB connector sends as text, prepared, and in batches without a wait for answers", async () => {
    const tap = await openTap();
    const connection = await openMariadb(tap);
    await connection.query("CREATE TEMPORARY TABLE mysql.wire_tap (a INT, b VARCHAR(20))");
    const before = tap.commands.length;
    const [text, insert, count] = ["SELECT 1 AS one", "INSERT INTO mysql.wire_tap VALUES (?, ?)", "SELECT COUNT(*) AS n, ? AS x"];
    const values = Array.from({ length: 400 }, (_, index) => [index, `value ${index}`]);
    const [, , , rows] = await Promise.all([
      connection.query(text),
      connection.execute(insert, [1, "one"]),
      connection.batch(insert, values),
      connection.execute<{ n: bigint }[]>(`${count} FROM mysql.wire_tap`, [1]),
    ]);
    expect(rows[0]?.n).toBeLessThanOrEqual(401n);
    await connection.reset();

    const seen = seenOf(tap, before);
    expect(seen.filter(({ kind }) => kind === "query")[0]).toEqual(query(text));
    expect(seen.filter(({ sql, kind }) => kind === "execute" && sql === insert)).toHaveLength(401);
    expect(seen).toContainEqual(execution(`${count} FROM mysql.wire_tap`, 1));
    expect(seen.filter(({ kind, sql, parameters }) => kind === "execute" && (sql === null || parameters === null))).toEqual([]);
    expect(seen).toContainEqual(without("reset"));
    expect(tap.unreadable).toBe(false);
  });

  it("of several connections in the order of arrival, each with its connection number", async () => {
    const tap = await openTap();
    const [first, second] = [await openMysql2(tap), await openMysql2(tap)];
    // the server gives both statements the number 1
    await first.execute("SELECT ? AS a", [1]);
    await second.execute("SELECT ? AS b", [1]);
    await first.execute("SELECT ? AS a", [1]);
    expect(tap.commands.filter(({ kind }) => kind === "execute").map(({ connection, sql }) => [connection, sql])).toEqual([
      [1, "SELECT ? AS a"],
      [2, "SELECT ? AS b"],
      [1, "SELECT ? AS a"],
    ]);
  });

  it("only from the start of the recording, with the text of statements prepared earlier", async () => {
    const tap = await openTap({ record: false });
    const connection = await openMysql2(tap);
    await connection.execute("SELECT ?", [1]);
    await select(connection, "SELECT 2");
    expect(tap.commands).toEqual([]);
    tap.record();
    await connection.execute("SELECT ?", [1]);
    expect(seenOf(tap)).toEqual([execution("SELECT ?", 1)]);
  });
});

describe("the wire tap finds the next command", () => {
  it("after a change of more rows than one byte counts", async () => {
    await using schema = await openTestSchema("wire_tap", { create: true });
    const tap = await openTap();
    const connection = await openMysql2(tap, { database: schema.target.schema });
    const change = "UPDATE many SET n = LAST_INSERT_ID(8)";
    await connection.query("CREATE TABLE many (id INT PRIMARY KEY, n INT)");
    await connection.query(
      "INSERT INTO many WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 300) SELECT n, n FROM r",
    );
    const before = tap.commands.length;
    // the id of 8 would be the flag of further results if the number of rows had another length
    await connection.query(change);
    await connection.execute("SELECT ? AS x", [1]);
    expect(seenOf(tap, before)).toEqual([query(change), prepare("SELECT ? AS x"), execution("SELECT ? AS x", 1)]);
  });

  // after the column count, one description and the end packet, 253 rows end on sequence number 0; with mysql2's EOF, 252 rows do
  it.each([1, 251, 252, 253, 254, 255, 256, 509, 510, 511, 5_000])("after a result of %i rows", async (rows) => {
    const tap = await openTap();
    const [mysql2, mariadb] = [await openMysql2(tap), await openMariadb(tap)];
    await Promise.all(["SET cte_max_recursion_depth = 10000"].flatMap((sql) => [mysql2.query(sql), mariadb.query(sql)]));
    const before = tap.commands.length;
    const long = ROWS.replace("?", String(rows));

    await mysql2.query(long);
    await mysql2.execute("SELECT ? AS x", [1]);
    await mysql2.execute(ROWS, [rows]);
    await mysql2.execute("SELECT ? AS y", [1]);
    const x = ["SELECT ? AS x", "SELECT ? AS y"].flatMap((sql) => [prepare(sql), execution(sql, 1)]);
    expect(seenOf(tap, before)).toEqual([query(long), ...x.slice(0, 2), prepare(ROWS), execution(ROWS, 1), ...x.slice(2)]);

    // the connector sends these without a wait for the answers
    const [, first, , , second] = await Promise.all([
      mariadb.query(long),
      mariadb.prepare("SELECT ? AS one"),
      mariadb.query(long),
      mariadb.query("DO 1"),
      mariadb.prepare("SELECT ?, ? AS two"),
    ]);
    await Promise.all([second.execute([1, 2]), first.execute([1])]);
    const executed = tap.commands.filter(({ kind, connection }) => kind === "execute" && connection === 2);
    expect(executed.map(({ sql, parameters }) => [sql, parameters])).toEqual([
      ["SELECT ?, ? AS two", 2],
      ["SELECT ? AS one", 1],
    ]);
    expect(tap.unreadable).toBe(false);
  });

  it("after many results of one command", async () => {
    const tap = await openTap();
    const connection = await openMysql2(tap, { multipleStatements: true });
    await connection.query(MANY_RESULTS);
    await connection.execute("SELECT ? AS x", [1]);
    expect(seenOf(tap).slice(1)).toEqual([prepare("SELECT ? AS x"), execution("SELECT ? AS x", 1)]);
    expect(tap.unreadable).toBe(false);
  });

  it.each([
    ["many results", MANY_RESULTS, []],
    ["a row whose length prefix for more than 16 MiB starts like an EOF packet", LONG_ROW, []],
    ["separately sent data without an answer", "SELECT LENGTH(?) AS n", [Buffer.alloc(100_000)]],
  ])("through the MariaDB connector, which does not wait for answers, after %s", async (_, sql, values) => {
    const tap = await openTap();
    const connection = await openMariadb(tap);
    const long = values.length > 0 ? await connection.prepare(sql) : null;
    const [, statement] = await Promise.all([
      long?.execute(values) ?? connection.query(sql),
      connection.prepare("SELECT ?, ? AS two"),
      connection.prepare("SELECT ? AS one"),
    ]);
    await statement.execute([1, 2]);
    expect(seenOf(tap).at(-1)).toEqual(execution("SELECT ?, ? AS two", 2));
    expect(seenOf(tap).filter(({ kind }) => kind === "other")).toHaveLength(values.length);
    expect(tap.unreadable).toBe(false);
  });

  it("after a local file with so many packets that the sequence numbers wrap", async () => {
    const tap = await openTap();
    const connection = await openMysql2(tap);
    await execute(connection, "CREATE TEMPORARY TABLE mysql.wire_tap (a VARCHAR(20))");
    const sql = "LOAD DATA LOCAL INFILE 'x' INTO TABLE mysql.wire_tap";
    const lines = Array.from({ length: 600 }, (_, index) => Buffer.from(`\u0003${index}\n`));
    await connection.query({ sql, infileStreamFactory: () => Readable.from(lines) });
    await connection.execute("SELECT COUNT(*) + ? AS n FROM mysql.wire_tap", [1]);
    expect(seenOf(tap).slice(1)).toEqual([
      query(sql),
      prepare("SELECT COUNT(*) + ? AS n FROM mysql.wire_tap"),
      execution("SELECT COUNT(*) + ? AS n FROM mysql.wire_tap", 1),
    ]);
    expect(tap.unreadable).toBe(false);
  });

  it("after a command and an answer of more than 16 MiB", async () => {
    const tap = await openTap();
    const long = "x".repeat(17 * 1024 * 1024);
    const [mysql2, mariadb] = [await openMysql2(tap), await openMariadb(tap)];
    const sql = `SELECT LENGTH('${long}') AS length`;
    for (const client of [
      { query: (sql: string) => select(mysql2, sql), execute: (sql: string) => mysql2.execute(sql, [1]) },
      { query: (sql: string) => mariadb.query<unknown>(sql), execute: (sql: string) => mariadb.execute<unknown>(sql, [1]) },
    ]) {
      const before = tap.commands.length;
      expect(await client.query(sql)).toMatchObject([{ length: expect.toSatisfy((n) => Number(n) === long.length) as unknown }]);
      await client.query(LONG_ROW);
      await client.execute("SELECT ? AS x");
      const seen = seenOf(tap, before);
      // a separate comparison, because a failure would otherwise print the long text
      expect(seen[0]?.sql === sql).toBe(true);
      expect(seen.slice(2)).toEqual([prepare("SELECT ? AS x"), execution("SELECT ? AS x", 1)]);
    }
    expect(tap.unreadable).toBe(false);
  });
});

describe("the wire tap forwards a connection that it cannot read, and reports it as unreadable:", () => {
  it.each<[string, ConnectionOptions]>([
    ["compressed", { compress: true }],
    ["encrypted", { ssl: { rejectUnauthorized: false } }],
  ])("%s", async (_, extra) => {
    const tap = await openTap();
    const plain = await openMysql2(tap);
    expect(tap.unreadable).toBe(false);
    const connection = await openMysql2(tap, extra);
    const [rows] = await connection.execute("SELECT ? AS x", ["y".repeat(1000)]);
    expect(rows).toEqual([{ x: "y".repeat(1000) }]);
    expect([tap.unreadable, tap.commands]).toEqual([true, []]);
    await select(plain, "SELECT 1");
    expect(seenOf(tap)).toEqual([query("SELECT 1")]);
  });
});

describe("the wire tap closes", () => {
  it("the client when the server refuses the connection", async () => {
    const closed = createServer();
    await once(closed.listen(0, "127.0.0.1"), "listening");
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => void closed.close(resolve));

    const tap = await openWireTap({ host: "127.0.0.1", port });
    onTestFinished(() => tap[Symbol.asyncDispose]());
    await expect(connect({ ...target, host: tap.host, port: tap.port })).rejects.toMatchObject({ code: "CONNECT_REFUSED" });
  });

  it("the server session when the client disconnects, and the client when the server kills the session", async () => {
    const tap = await openTap();
    const [gone, killed, other] = [await openMysql2(tap), await openMysql2(tap), await openMysql2(tap)];
    const ids = [gone.threadId, killed.threadId];
    const lost = once(killed, "error");
    await execute(other, "KILL ?", [ids[1]]);
    await expect(lost).resolves.toBeDefined();
    gone.destroy();
    const find = () => select(other, "SELECT 1 FROM performance_schema.threads WHERE processlist_id IN (?)", [ids]);
    await expect.poll(find).toEqual([]);
  });

  it("all its connections at the end, in any state of the clients", async () => {
    // other test files of this process may have left some
    const before = openHandles().length;
    const tap = await openWireTap(target);
    const busy = await connect({ ...target, host: tap.host, port: tap.port }, { withSchema: false });
    const silent = connectSocket(tap.port, tap.host);
    await once(silent, "data");
    tap.record();
    // the client receives the end or a reset first, depending on the data it has read
    const lost = expect(select(busy, "SELECT SLEEP(20)")).rejects.toThrow(/closed|ECONNRESET/);
    const ended = new Promise((resolve) => void silent.on("error", () => {}).once("close", resolve));
    await expect.poll(() => seenOf(tap)).toEqual([query("SELECT SLEEP(20)")]);
    await tap[Symbol.asyncDispose]();
    await Promise.all([lost, ended]);
    await expect.poll(() => openHandles().length).toBeLessThanOrEqual(before);
    await expect(once(connectSocket(tap.port, tap.host), "connect")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await tap[Symbol.asyncDispose]();
  });
});
