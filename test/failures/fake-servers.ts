/** Servers that a user did not intend: another program at a wrong port, an old server, a server that dies. */
import { createServer as createHttpServer } from "node:http";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createMysqlServer } from "mysql2";
import type { ConnectionTarget } from "../../lib/target.ts";

export interface FakeServer extends AsyncDisposable {
  readonly port: number;
}

const LOOPBACK = "127.0.0.1";
const ER_SPECIFIC_ACCESS_DENIED = 1227;

async function listen(server: Server): Promise<FakeServer> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    socket.on("error", () => {});
    sockets.add(socket);
  });
  await new Promise<void>((resolve) => void server.listen(0, LOOPBACK, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Waits for the client's start-up packet, and refuses any other packet with the bytes that PostgreSQL 17 sends. */
export function postgresql(): Promise<FakeServer> {
  const fields = "SFATAL\0VFATAL\0C08P01\0Minvalid length of startup packet\0Fbackend_startup.c\0L576\0RProcessStartupPacket\0\0";
  const answer = Buffer.alloc(5 + fields.length);
  answer.write("E");
  answer.writeInt32BE(4 + fields.length, 1);
  answer.write(fields, 5);
  return listen(createServer((socket) => socket.once("data", () => socket.end(answer))));
}

/** Accepts the connection and sends nothing, as a web server does to a client that waits for a greeting. */
export const webServer = (): Promise<FakeServer> => listen(createHttpServer((_request, response) => response.end("hello")));

/** Sends the first bytes, as MySQL does, but in another protocol. */
export const sshServer = (): Promise<FakeServer> => listen(createServer((socket) => socket.end("SSH-2.0-OpenSSH_9.2p1\r\n")));

/** A port without a listener. */
export async function closedPort(): Promise<number> {
  const fakeServer = await listen(createServer());
  await fakeServer[Symbol.asyncDispose]();
  return fakeServer.port;
}

const text = (name: string) => ({
  catalog: "def",
  schema: "",
  table: "",
  orgTable: "",
  name,
  orgName: name,
  characterSet: 33,
  columnLength: 255,
  columnType: 253,
  flags: 0,
  decimals: 0,
});

/** Greets as MySQL does, accepts every login, and answers the queries that bench sends before it changes anything. */
function mysqlOf(version: string, refused: RegExp | null = null): Promise<FakeServer> {
  const server = createMysqlServer((client) => {
    client.on("error", () => {});
    client.serverHandshake({
      protocolVersion: 10,
      serverVersion: version,
      connectionId: 1,
      statusFlags: 2,
      characterSet: 33,
      capabilityFlags: 0x00_ff_f7_df,
      authCallback: (_parameters: unknown, decide: (refusal: null) => void) => decide(null),
    });
    // what mysql2's server side makes of SET
    client.on("stmt_prepare", () => {
      client.writeOk();
      Reflect.set(client, "sequenceId", 0);
    });
    client.on("query", (sql: string) => {
      if (refused?.test(sql) === true) {
        client.writeError({ code: ER_SPECIFIC_ACCESS_DENIED, message: "Access denied for this operation" });
        Reflect.set(client, "sequenceId", 0);
        return;
      }
      const row = /uptime/i.test(sql) ? { Variable_name: "Uptime", Value: "60" } : { version, uuid: "57", tls: "" };
      client.writeTextResult([row], Object.keys(row).map(text));
      // mysql2's server side does not reset the sequence number at each command
      Reflect.set(client, "sequenceId", 0);
    });
  });
  // mysql2 hides the wrapped server, and only that server can be restricted to loopback
  return listen(Reflect.get(server, "_server") as Server);
}

export const mysql57 = (): Promise<FakeServer> => mysqlOf("5.7.44-log");

/** Refuses the server's status to every client, as a proxy can. */
export const mysqlWithoutStatus = (): Promise<FakeServer> => mysqlOf("8.4.0", /^SHOW GLOBAL STATUS/);

export interface FailingServer extends AsyncDisposable {
  readonly target: ConnectionTarget;
  /** resolves when the server has failed */
  readonly happened: Promise<void>;
}

/** Forwards to the real server until a client sends the text; the text is not forwarded. */
async function failingAt(
  target: ConnectionTarget,
  said: string,
  fail: (proxy: Server, sockets: Set<Socket>) => void,
): Promise<FailingServer> {
  const { promise: happened, resolve } = Promise.withResolvers<void>();
  const sockets = new Set<Socket>();
  let hasFailed = false;
  const proxy = createServer((client) => {
    const server = connect(target.port, target.host);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        client.destroy();
        server.destroy();
      });
    }
    server.on("data", (bytes) => void (hasFailed || client.write(bytes)));
    client.on("data", (bytes: Buffer) => {
      if (hasFailed) return;
      if (!bytes.includes(said)) {
        server.write(bytes);
        return;
      }
      hasFailed = true;
      fail(proxy, sockets);
      resolve();
    });
  });
  const { port } = await new Promise<AddressInfo>((listening) => {
    proxy.listen(0, LOOPBACK, () => listening(proxy.address() as AddressInfo));
  });
  return {
    target: { ...target, host: LOOPBACK, port },
    happened,
    async [Symbol.asyncDispose]() {
      proxy.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Closes every connection, as after kill -9. */
export const dyingAt = (target: ConnectionTarget, said: string): Promise<FailingServer> =>
  failingAt(target, said, (proxy, sockets) => {
    proxy.close();
    for (const socket of sockets) socket.resetAndDestroy();
  });

/** Keeps every connection open, but sends no more responses. */
export const freezingAt = (target: ConnectionTarget, said: string): Promise<FailingServer> => failingAt(target, said, () => {});
