/** A proxy before a MySQL server. A test selects the packet that stops a connection, and later continues or ends the connection. */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import type { ConnectionTarget } from "../../lib/target.ts";

/** @param connection counted from 1 */
export type Condition = (sent: Buffer, connection: number) => boolean;

/** A packet from the client that the server has not received yet. The client sends nothing more before that. */
export interface Stopped {
  pass(): void;
  /** Forwards the packet to the server, and ends the client's connection instead of the answer. */
  loseAnswer(): void;
  /** Ends the connection before the server receives the packet. */
  cut(): void;
}

export interface Gate extends AsyncDisposable {
  /** the address of the server through this proxy */
  readonly target: ConnectionTarget;
  /** From now on no byte passes in either direction and no connection ends, as behind a router that drops packets. */
  freeze(): void;
  /** From now on this text arrives as the other one, of the same length. Two equal texts change nothing. */
  rewrite(from: string, to: string): void;
  /** The next matching packet to the server. Each packet goes to the earliest caller. */
  next(isIt: Condition): Promise<Stopped>;
}

/** @param target a server, connected without encryption */
export async function openGate(target: ConnectionTarget): Promise<Gate> {
  const waiting = new Set<{ isIt: Condition; stop: (stopped: Stopped) => void }>();
  const sockets = new Set<Socket>();
  let connections = 0;
  let isFrozen = false;
  let rewriting = { from: "", to: "" };
  const rewritten = (sent: Buffer): Buffer => {
    const { from, to } = rewriting;
    return from === to ? sent : Buffer.from(sent.toString("latin1").replaceAll(from, to), "latin1");
  };
  const server = createServer((client) => {
    const number = (connections += 1);
    const upstream = connect(target.port, target.host);
    let isAnswerLost = false;
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket.setNoDelay(true));
      socket.on("error", end).on("close", () => {
        sockets.delete(socket);
        if (!isFrozen) end();
      });
    }
    upstream.on("data", (answer) => {
      if (isFrozen) return;
      if (isAnswerLost) end();
      else client.write(answer);
    });
    client.on("data", (sent) => {
      if (isFrozen) return;
      // every matcher receives each packet, because some matchers count packets
      const [first] = [...waiting].filter(({ isIt }) => isIt(sent, number));
      if (first === undefined) {
        upstream.write(rewritten(sent));
        return;
      }
      waiting.delete(first);
      client.pause();
      const pass = (): void => {
        upstream.write(sent);
        client.resume();
      };
      const loseAnswer = (): void => {
        isAnswerLost = true;
        pass();
      };
      first.stop({ pass, loseAnswer, cut: end });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    target: { ...target, host: "127.0.0.1", port },
    freeze: () => void (isFrozen = true),
    rewrite(from, to) {
      if (from.length !== to.length) throw new Error("another length would break the packet");
      rewriting = { from, to };
    },
    next(isIt) {
      const { promise, resolve } = Promise.withResolvers<Stopped>();
      waiting.add({ isIt, stop: resolve });
      return promise;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}

const bytesOf = (token: string): Buffer => Buffer.from(token.replaceAll("-", ""), "hex");

/** @param times which of the statements with this key among their parameters */
export function statementOf(token: string, times = 1): Condition {
  let seen = 0;
  return (sent) => sent.includes(bytesOf(token)) && (seen += 1) === times;
}

export const isCommit = (sent: Buffer): boolean => sent.toString("latin1").endsWith("COMMIT");

/** The end of the transaction that contained a statement with this key. */
export function commitOf(token: string): Condition {
  let own = 0;
  return (sent, connection) => {
    if (sent.includes(bytesOf(token))) own = connection;
    return connection === own && isCommit(sent);
  };
}
