/**
 * A proxy between one member and the MySQL server. A fault holds, loses, cuts or refuses statements at points, so that a trial
 * reaches a state by choice and not by luck.
 */
import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { withAddress, type ConnectionTarget } from "../../../lib/target.ts";
import { ProxiedConnection, type Hold } from "./connection.ts";
import type { Held } from "./held.ts";
import type { Point, Statement } from "./points.ts";

interface Waiting {
  readonly point: Point;
  readonly resolve: (held: Held | null) => void;
}

/** A point at which connections end, until the disposal. */
interface Cut extends Disposable {
  /** ended connections */
  readonly count: number;
}

export class Proxy implements AsyncDisposable {
  /** the server by this proxy */
  readonly target: ConnectionTarget;
  /** since the last time that the owner of this proxy emptied the list */
  readonly holds: Hold[] = [];
  readonly #server: Server;
  readonly #connections = new Set<ProxiedConnection>();
  readonly #waiting = new Set<Waiting>();
  readonly #cuts = new Set<{ readonly point: Point; count: number }>();
  readonly #rewrites = new Set<(sql: string) => string>();

  private constructor(server: Server, upstream: () => ConnectionTarget) {
    this.#server = server;
    const { port } = server.address() as AddressInfo;
    this.target = withAddress(upstream(), { host: "127.0.0.1", port });
    server.on("connection", (client) => {
      const connection: ProxiedConnection = new ProxiedConnection({
        client,
        target: upstream(),
        decide: (statement) => this.#decide(statement),
        rewrite: (sql) => [...this.#rewrites].reduce((text, change) => change(text), sql),
        onHold: (hold) => this.holds.push(hold),
        onEnd: () => this.#connections.delete(connection),
      });
      this.#connections.add(connection);
    });
  }

  /** @param upstream the server, without encryption; a restarted one can have another port */
  static async start(upstream: () => ConnectionTarget): Promise<Proxy> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Proxy(server, upstream);
  }

  get connections(): number {
    return this.#connections.size;
  }

  #decide(statement: Statement): "pass" | "cut" | ((held: Held) => void) {
    const cut = [...this.#cuts].find(({ point }) => point(statement));
    if (cut !== undefined) {
      cut.count += 1;
      return "cut";
    }
    // Every point receives each statement, because some of them count.
    const [first] = [...this.#waiting].filter(({ point }) => point(statement));
    if (first === undefined) return "pass";
    this.#waiting.delete(first);
    return first.resolve;
  }

  /** Holds the next statement at this point. @returns null if `signal` comes first */
  next(point: Point, signal: AbortSignal): Promise<Held | null> {
    const { promise, resolve } = Promise.withResolvers<Held | null>();
    if (signal.aborted) return Promise.resolve(null);
    const waiting: Waiting = { point, resolve };
    this.#waiting.add(waiting);
    signal.addEventListener("abort", () => this.#waiting.delete(waiting) && resolve(null), { once: true });
    return promise;
  }

  /** Ends each connection that sends such a statement, before the server receives it, until the disposal. */
  cutAt(point: Point): Cut {
    const cut = { point, count: 0 };
    this.#cuts.add(cut);
    return {
      get count() {
        return cut.count;
      },
      [Symbol.dispose]: () => void this.#cuts.delete(cut),
    };
  }

  /**
   * Holds each connection that sends such a statement, until the signal.
   * @param found receives each of them at once
   * @returns the held ones; none of them continues by itself
   */
  async holdAll(point: Point, over: AbortSignal, found: Held[] = []): Promise<Held[]> {
    while (!over.aborted) {
      const held = await this.next(point, over);
      if (held !== null) found.push(held);
    }
    return found;
  }

  /** Changes the text of statements until the disposal. Connections keep what they have prepared, so they are cut before and after. */
  rewrite(change: (sql: string) => string): Disposable {
    this.#rewrites.add(change);
    this.cutAll();
    return {
      [Symbol.dispose]: () => {
        this.#rewrites.delete(change);
        this.cutAll();
      },
    };
  }

  cutAll(): void {
    for (const connection of this.#connections) connection.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.cutAll();
    await once(this.#server, "close");
  }
}
