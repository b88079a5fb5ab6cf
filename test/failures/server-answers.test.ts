/** Answers of a server that refuses a login or a write: each gets a separate code and the true cause. */
import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:net";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureDataset } from "../../fixtures/index.ts";
import { connect, execute, type Connection } from "../../lib/connection.ts";
import { BenchError, type ErrorCode } from "../../lib/errors.ts";
import { silentLog } from "../../lib/log.ts";
import { serverFailure } from "../../lib/server-errors.ts";
import { connectionId } from "../../lib/sessions.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { openTestSchema } from "../support/database.ts";
import { isFull } from "../support/full.ts";

const DATASET = { users: 10, orders: 100, dormantUsers: 0, dataSeed: 1 };
const USER = `answers_${randomUUID().slice(0, 8)}`;
const PASSWORD = "Answers-of-a-server-1";

let schema: Awaited<ReturnType<typeof openTestSchema>>;
let admin: Connection;
/** of an account without administrator's rights, which limits of the server apply to */
let account: ConnectionTarget;
beforeAll(async () => {
  schema = await openTestSchema("answers");
  account = { ...schema.target, user: USER, password: PASSWORD };
  admin = await connect(schema.target, { withSchema: false });
  await execute(admin, "CREATE USER ?@'%' IDENTIFIED BY ?", [USER, PASSWORD]);
  await execute(admin, `GRANT ALL ON \`${schema.target.schema}\`.* TO ?@'%'`, [USER]);
});
afterAll(async () => {
  await execute(admin, "DROP USER ?@'%'", [USER]);
  await admin.end();
  await schema[Symbol.asyncDispose]();
});

/** The error that a user sees: the error itself, or its conversion at the end of the program. */
async function answerTo(work: () => Promise<unknown>): Promise<BenchError> {
  const error: unknown = await work().then(
    () => new Error("it was let in"),
    (thrown: unknown) => thrown,
  );
  const named = error instanceof BenchError ? error : serverFailure(error, "the server failed");
  if (named === null) throw error;
  return named;
}
const letIn = (): Promise<void> => connect(account, { withSchema: false }).then((connection) => connection.destroy());

describe("a server that lets nobody in", () => {
  const REFUSALS: readonly (readonly [what: string, close: string, open: string, code: ErrorCode, said: RegExp, fix: RegExp])[] =
    [
      [
        "because the account is locked",
        "ACCOUNT LOCK",
        "ACCOUNT UNLOCK",
        "ACCOUNT_LOCKED",
        /Account is locked/,
        /ACCOUNT UNLOCK/,
      ],
      [
        "because the password has expired",
        "PASSWORD EXPIRE",
        "PASSWORD EXPIRE NEVER",
        "PASSWORD_EXPIRED",
        /password has expired/,
        /ALTER USER/,
      ],
    ];
  it.each(REFUSALS)("%s is reported with its cause", async (_what, close, open, code, said, fix) => {
    await execute(admin, `ALTER USER ?@'%' ${close}`, [USER]);
    try {
      expect(await answerTo(letIn)).toMatchObject({
        code,
        message: expect.stringMatching(said),
        fix: expect.stringMatching(fix),
      });
    } finally {
      await execute(admin, `ALTER USER ?@'%' IDENTIFIED BY '${PASSWORD}' ${open}`, [USER]);
    }
  });

  const GLOBALS: readonly (readonly [what: string, name: string, value: string, code: ErrorCode, fix: RegExp])[] = [
    ["because it is offline", "offline_mode", "ON", "SERVER_OFFLINE", /offline_mode/],
    ["because it has no connection left", "max_connections", "1", "TOO_MANY_CONNECTIONS", /server's max_connections/],
    ["because the account has none left", "max_user_connections", "1", "TOO_MANY_CONNECTIONS", /max_user_connections/],
  ];
  it.each(GLOBALS)("%s is reported with its cause", async (_what, name, value, code, fix) => {
    const [[{ old }]] = (await admin.query(`SELECT @@GLOBAL.${name} AS old`)) as unknown as [[{ old: number }]];
    await execute(admin, `SET GLOBAL ${name} = ${value}`);
    // the server counts sessions of an account only while there is a limit
    const held = name === "max_user_connections" ? await connect(account, { withSchema: false }) : null;
    try {
      expect(await answerTo(letIn)).toMatchObject({ code, fix: expect.stringMatching(fix) });
    } finally {
      await execute(admin, `SET GLOBAL ${name} = ${old}`);
      held?.destroy();
    }
  });

  it("because of the machine names the machine: the server has no account for its host", async () => {
    // a server that has an account for every host, as every test server, never says it
    const message = Buffer.from("Host '10.1.2.3' is not allowed to connect to this MySQL server");
    const packet = Buffer.concat([Buffer.from([message.length + 3, 0, 0, 0, 0xff, 1130 & 0xff, 1130 >> 8]), message]);
    const server: Server = createServer((socket) => socket.on("error", () => {}).end(packet)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    try {
      const said = await answerTo(() => connect({ ...account, port }));
      expect(said).toMatchObject({
        code: "HOST_NOT_ALLOWED",
        message: expect.stringContaining("10.1.2.3"),
        fix: expect.stringMatching(/CREATE USER/),
      });
    } finally {
      server.close();
    }
  });
});

describe("a server that takes no statement", () => {
  it("because it is read only is reported with its cause", async () => {
    await execute(admin, "SET GLOBAL super_read_only = ON");
    try {
      const said = await answerTo(() => ensureDataset(schema.target, DATASET, { log: silentLog }));
      expect(said).toMatchObject({ code: "SERVER_READ_ONLY", fix: expect.stringMatching(/takes writes/) });
    } finally {
      await execute(admin, "SET GLOBAL super_read_only = OFF, GLOBAL read_only = OFF");
    }
  });

  it.runIf(isFull)("because a backup locks it names the session that does", async () => {
    await execute(admin, "LOCK INSTANCE FOR BACKUP");
    try {
      const said = await answerTo(() => ensureDataset(schema.target, DATASET, { log: silentLog }));
      const holder = `locked for a backup: connection ${await connectionId(admin)} holds LOCK INSTANCE FOR BACKUP`;
      expect(said).toMatchObject({ code: "SERVER_LOCKED", message: expect.stringContaining(holder) });
    } finally {
      await execute(admin, "UNLOCK INSTANCE");
    }
  });

  it("without a primary key is reported with its cause", async () => {
    const connection = await connect({ ...schema.target, schema: "mysql" });
    await execute(connection, "SET SESSION sql_require_primary_key = ON");
    const said = await answerTo(() => execute(connection, "CREATE TEMPORARY TABLE keyless (a INT)"));
    expect(said).toMatchObject({ code: "PRIMARY_KEY_REQUIRED", message: expect.stringContaining("sql_require_primary_key") });
    connection.destroy();
  });

  it.each([
    ["by KILL QUERY", null],
    ["by a time limit", "SET SESSION max_execution_time = 50"],
  ])("that is ended %s is reported with its cause", async (_how, limit) => {
    const connection = await connect(schema.target, { withSchema: false });
    if (limit !== null) await execute(connection, limit);
    const id = await connectionId(connection);
    const said = answerTo(() =>
      connection.query(
        "SELECT COUNT(*) FROM information_schema.columns a, information_schema.columns b, information_schema.columns c",
      ),
    );
    if (limit === null)
      await expect
        .poll(
          async () =>
            (
              (
                await admin.query("SELECT 1 FROM performance_schema.processlist WHERE id = ? AND info LIKE 'SELECT COUNT%'", [id])
              )[0] as unknown[]
            ).length,
        )
        .toBe(1)
        .then(() => execute(admin, `KILL QUERY ${id}`));
    expect(await said).toMatchObject({ code: "STATEMENT_INTERRUPTED", fix: expect.stringMatching(/KILL QUERY/) });
    connection.destroy();
  });
});
