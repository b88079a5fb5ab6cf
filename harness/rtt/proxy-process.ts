/**
 * A TCP proxy that adds latency to each round trip. It runs in a separate process, because its delay line polls the clock. The
 * proxy forwards bytes unchanged, TLS too, and counts turns: a client that sends after the server has sent. Started by proxy.ts.
 */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { nodeAddress } from "../../lib/target.ts";
import { DelayLine } from "./delay-line.ts";
import type { FromProxy, ProxyTask, ToProxy } from "./messages.ts";

const LOOPBACK = "127.0.0.1";
/** Limit of delayed bytes per direction of a connection: more than 5 ms at 1 GB/s. */
const MAX_HELD_BYTES = 8 * 2 ** 20;

const send = (message: FromProxy): void => void process.send?.(message);

/**
 * The chain of round trips: each round trip that a client begins after an answer has reached a client adds a link, on whichever
 * connection. Counting per connection misses sequential statements that a pool rotates: 36 instead of 104 for Prisma.
 */
class Chain {
  /** links up to the latest answer that has reached a client */
  answered = 0;
}

/** One connection's turns. */
class Turns {
  count = 0;
  #lastSender: "client" | "server" = "server";
  /** links of the chain up to the round trip under way */
  #links = 0;
  readonly #chain: Chain;

  constructor(chain: Chain) {
    this.#chain = chain;
  }

  onClientData(): void {
    if (this.#lastSender === "server") {
      this.count += 1;
      this.#links = this.#chain.answered + 1;
    }
    this.#lastSender = "client";
  }

  onServerData(): void {
    this.#lastSender = "server";
  }

  onAnswerDelivered(): void {
    this.#chain.answered = Math.max(this.#chain.answered, this.#links);
  }

  reset(): void {
    this.count = 0;
    this.#links = 0;
  }
}

/** Forwards one direction of a connection with a delay, and pauses reading at MAX_HELD_BYTES. */
function forward(from: Socket, to: Socket, line: DelayLine, onData: () => void, onDelivery: () => void = () => {}): void {
  let heldBytes = 0;
  const readOn = (): void => {
    if (heldBytes < MAX_HELD_BYTES && !to.writableNeedDrain) from.resume();
  };
  to.on("drain", readOn);
  from.on("data", (chunk: Buffer) => {
    onData();
    heldBytes += chunk.length;
    if (heldBytes >= MAX_HELD_BYTES) from.pause();
    line.hold(() => {
      heldBytes -= chunk.length;
      if (to.destroyed) return;
      onDelivery();
      if (to.write(chunk)) readOn();
      else from.pause();
    });
  });
  from.on("end", () => line.hold(() => void to.end()));
  // forward a reset as a reset: an orderly end would hide the failure from the other side
  from.on("error", () => line.hold(() => void to.resetAndDestroy()));
  from.on("close", () => line.hold(() => void (to.destroyed || to.writableEnded || to.destroy())));
}

function open(task: ProxyTask): void {
  const { delayMs } = task;
  const toServer = new DelayLine(delayMs / 2);
  const toClient = new DelayLine(delayMs / 2);
  const connections = new Set<Turns>();
  const chain = new Chain();
  const proxy = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const server = connect({ ...nodeAddress(task), noDelay: true, allowHalfOpen: true });
    const turns = new Turns(chain);
    connections.add(turns);
    forward(client, server, toServer, () => turns.onClientData());
    forward(
      server,
      client,
      toClient,
      () => turns.onServerData(),
      () => turns.onAnswerDelivered(),
    );
  });
  process.on("message", (message: ToProxy) => {
    if (message.type === "reset") {
      // the child of a sample has ended its connections, so a reset clears all counts
      for (const turns of connections) turns.reset();
      chain.answered = 0;
      send({ type: "reset" });
    } else if (message.type === "read") {
      const roundTrips = [...connections].reduce((sum, { count }) => sum + count, 0);
      send({ type: "counts", roundTrips, roundTripChain: chain.answered });
    }
  });
  proxy.on("error", (error) => send({ type: "failed", message: error.message }));
  proxy.listen(0, LOOPBACK, () => send({ type: "listening", port: (proxy.address() as AddressInfo).port }));
}

process.once("message", (message: ToProxy) => {
  if (message.type === "start") open(message.task);
});
// the harness has ended
process.on("disconnect", () => process.exit());
// Ctrl-C signals the whole process group; the harness stops its proxies itself
process.on("SIGINT", () => {});
