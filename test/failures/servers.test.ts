/** Unusable servers: absent, not MySQL, too old, without permission, or busy. */
import { variants } from "../support/full.ts";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect, execute, select, type Connection } from "../../lib/connection.ts";
import type { ErrorCode } from "../../lib/errors.ts";
import { lockSchema } from "../../lib/schema-lock.ts";
import { targetUrl, type ConnectionTarget } from "../../lib/target.ts";
import { openTestSchema } from "../support/database.ts";
import { benchInProcess } from "../support/in-process.ts";
import { expectErrorIn, expectNoLeak, expectOneError, loadArguments, runArguments, startMarked } from "./shared.ts";
import { closedPort, mysql57, mysqlWithoutStatus, postgresql, sshServer, webServer, type FakeServer } from "./fake-servers.ts";

const PASSWORD = "hunter2-and-more";

type WrongServer = readonly [what: string, open: () => Promise<FakeServer>, error: ErrorCode, said: RegExp];

const nobodyThere = async (): Promise<FakeServer> => ({ port: await closedPort(), async [Symbol.asyncDispose]() {} });

const WRONG_SERVERS: readonly WrongServer[] = [
  ["a closed port", nobodyThere, "CONNECT_REFUSED", /no MySQL answered at mysql:\/\/me@127[^]*check host and port/],
  [
    "PostgreSQL's port",
    postgresql,
    "CONNECT_REFUSED",
    /no greeting within 10 s[^]*another program may listen there, such as PostgreSQL/,
  ],
  ["a web server's port", webServer, "CONNECT_REFUSED", /no greeting within 10 s[^]*such as PostgreSQL or a web server/],
  ["a port with another protocol", sshServer, "CONNECT_REFUSED", /closed the connection instead of a greeting[^]*check the port/],
  ["MySQL 5.7", mysql57, "SERVER_TOO_OLD", /runs MySQL 5\.7\.44-log[^]*use MySQL 8\.0 or later/],
];

describe("a URL that leads to", () => {
  it.each(variants(WRONG_SERVERS, ([what]) => what !== "a web server's port"))(
    "%s is refused with the response seen there",
    async (_what, open, error, said) => {
      await using server = await open();
      const args = ["load", "--db", `mysql://me:${PASSWORD}@127.0.0.1:${server.port}/shop`];
      const expected = { error, said, secrets: [PASSWORD] };
      // a connection that stays open would keep the process alive
      const staysOpen = open === postgresql || open === webServer;
      const finished = staysOpen ? await expectOneError(startMarked(args), expected) : await benchInProcess(args);
      expectErrorIn(finished, expected);
      expect(finished.stdout).toBe("");
    },
  );
});

it("bench identifies a server that refuses to show its status", async () => {
  await using server = await mysqlWithoutStatus();
  const args = ["db", "status", "--json", "--db", `mysql://me:${PASSWORD}@127.0.0.1:${server.port}/shop`];
  const { code, stdout, stderr } = await benchInProcess(args);
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ state: "running", provider: "url", version: "8.4.0" });
});

describe("an account", () => {
  /** every special character of a URL, of SQL and of a shell */
  const password = `p@s:s/w?o#r%d&"'\\ $(x) ü ${randomUUID().slice(0, 8)}`;
  const user = `test_${randomUUID().slice(0, 8)}`;
  let schema: Awaited<ReturnType<typeof openTestSchema>>;
  let admin: Connection;
  let target: ConnectionTarget;
  beforeAll(async () => {
    schema = await openTestSchema("bad_account");
    target = { ...schema.target, user, password };
    admin = await connect(schema.target, { withSchema: false });
    await execute(admin, "CREATE USER ?@'%' IDENTIFIED BY ?", [user, password]);
  });
  afterAll(async () => {
    await execute(admin, "DROP USER ?@'%'", [user]);
    await admin.end();
    await schema[Symbol.asyncDispose]();
  });

  it("whose password has special characters can log in with percent-encoding, and no output shows the password", async () => {
    const finished = await benchInProcess(["db", "status", "--verbose", "--db", targetUrl(target)]);
    expect(finished).toMatchObject({ code: 0, stdout: expect.stringContaining("not managed by bench") });
    expectNoLeak(finished, [password, encodeURIComponent(password)]);
  });

  it("with a wrong password is refused", async () => {
    const wrong = { ...target, password: PASSWORD };
    const said = /refused the account: Access denied for user[^]*check user/;
    expectErrorIn(await benchInProcess(loadArguments(wrong)), { error: "ACCESS_DENIED", said, secrets: [PASSWORD, password] });
  });

  const MISSING: readonly (readonly [what: string, granted: string | null, said: RegExp])[] = [
    ["without any right", null, /Access denied for user .* to database[^]*bench db grants --schema/],
    ["that may only read", "SELECT", /(CREATE|INSERT|UPDATE|DROP) command denied[^]*bench db grants --schema/],
    ["that may not build an index", "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP", /ALTER command denied[^]*bench db grants/],
  ];
  it.each(MISSING)("%s receives an error that names the missing grants", async (_what, granted, said) => {
    const name = schema.target.schema;
    if (granted !== null) {
      await execute(admin, `CREATE DATABASE IF NOT EXISTS \`${name}\``);
      await execute(admin, `GRANT ${granted} ON \`${name}\`.* TO ?@'%'`, [user]);
    }
    const finished = await benchInProcess(loadArguments(target, "--users", "50", "--orders", "500"));
    expectErrorIn(finished, { error: "MISSING_GRANT", said, secrets: [password] });
  });

  it("that may open no further connection receives an error that states the limit", async () => {
    await execute(admin, `ALTER USER ?@'%' WITH MAX_USER_CONNECTIONS 1`, [user]);
    await execute(admin, `GRANT ALL ON \`${schema.target.schema}\`.* TO ?@'%'`, [user]);
    const said = /refused the connection: User .* has exceeded the 'max_user_connections'[^]*raise this limit of the account/;
    const finished = await benchInProcess(loadArguments(target, "--users", "50", "--orders", "500"));
    expectErrorIn(finished, { error: "TOO_MANY_CONNECTIONS", said, secrets: [password] });
  });

  it("that has used up its statements receives an error that states the limit, at any point of the load", async () => {
    for (const statements of [1, 4, 20]) {
      await execute(admin, `ALTER USER ?@'%' WITH MAX_USER_CONNECTIONS 0 MAX_QUERIES_PER_HOUR ${statements}`, [user]);
      await execute(admin, "FLUSH USER_RESOURCES");
      const finished = await benchInProcess(loadArguments(target, "--users", "50", "--orders", "500"));
      expectErrorIn(finished, { error: "TOO_MANY_CONNECTIONS", said: /exceeded the 'max_questions'/, secrets: [password] });
    }
  });
});

describe("a schema", () => {
  let schema: Awaited<ReturnType<typeof openTestSchema>>;
  let connection: Connection;
  beforeAll(async () => {
    schema = await openTestSchema("bad_schema", { create: true });
    connection = await connect(schema.target);
    await execute(connection, "CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR(20))");
    await execute(connection, "INSERT INTO customers VALUES (1, 'precious')");
  });
  afterAll(async () => {
    await connection.end();
    await schema[Symbol.asyncDispose]();
  });

  it.each(["run", "load"])("that bench did not create is refused and unchanged: bench %s", async (verb) => {
    const args = verb === "load" ? loadArguments(schema.target) : runArguments(schema.target, "naive");
    const said = /has 1 tables \(customers\)[^]*did not change it[^]*name a new or empty schema/;
    expectErrorIn(await benchInProcess(args), { error: "FOREIGN_SCHEMA", said });
    expect(await select(connection, "SHOW TABLES")).toHaveLength(1);
    expect(await select(connection, "SELECT name FROM customers")).toEqual([{ name: "precious" }]);
  });

  it("that bench created is refused when its scratch schema has foreign tables, and both stay unchanged", async () => {
    // the scratch schema of `x` is `x_scratch`
    const own = await openTestSchema("bad_scratch");
    const scratch = `${own.target.schema}_scratch`;
    await execute(connection, `CREATE DATABASE \`${scratch}\``);
    try {
      await execute(connection, `CREATE TABLE \`${scratch}\`.customers (id INT PRIMARY KEY)`);
      expectErrorIn(await benchInProcess(runArguments(own.target, "naive")), {
        error: "FOREIGN_SCHEMA",
        said: /_scratch: it has 1 tables/,
      });
      expect(await select(connection, `SHOW TABLES FROM \`${scratch}\``)).toHaveLength(1);
    } finally {
      await execute(connection, `DROP DATABASE \`${scratch}\``);
      await own[Symbol.asyncDispose]();
    }
  });

  it("that another bench uses is refused", async () => {
    await using own = await openTestSchema("bad_busy");
    expect((await benchInProcess(loadArguments(own.target, "--users", "100", "--orders", "3500"))).code).toBe(0);
    const other = await connect(own.target);
    expect(await lockSchema(other, own.target.schema, 0)).toBe(true);
    expectErrorIn(await benchInProcess(runArguments(own.target, "naive")), {
      error: "SCHEMA_BUSY",
      said: /schema of mysql:.* is busy: .* works in it[^]*wait for its end or stop it, or name another schema/,
      secrets: [own.target.password],
    });
    await other.end();
  });
});
