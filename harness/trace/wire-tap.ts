/**
 * A proxy in front of a MySQL server that records the commands of the clients. It lists the statements of any library in order,
 * without a privilege on the server.
 *
 * The proxy parses each answer up to its last packet. Clients send ahead, and only the answer to a PREPARE contains the
 * statement number that EXECUTE uses. Sequence numbers wrap around at 256, so they can't mark the start of an answer. They only
 * prove that the proxy misread none. The proxy reports a connection that it can't parse and never shows it wrong.
 */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { nodeAddress, type ConnectionTarget } from "../../lib/target.ts";

const HOST = "127.0.0.1";
const HEADER_BYTES = 4;
const MAX_PART_BYTES = 0xffffff;
/** Covers the greeting, and the parsed part of all other packets of the server. */
const KEPT_ANSWER_BYTES = 512;

const CLIENT_SSL = 1 << 11;
const CLIENT_DEPRECATE_EOF = 1 << 24;
const CLIENT_QUERY_ATTRIBUTES = 1 << 27;
/** Compression by zlib or zstd, and results without column descriptions. */
const CLIENT_UNREADABLE = (1 << 5) | (1 << 26) | (1 << 25);
const STATUS_MORE_RESULTS = 0x08;

const [OK, LOCAL_INFILE, EOF, ERROR] = [0x00, 0xfb, 0xfe, 0xff];
const SEND_LONG_DATA = 0x18;
/** Clients send it as the number of the last prepared statement while its answer is pending. */
const LAST_PREPARED = 0xffffffff;

export interface WireCommand {
  /** counted from 1 in the order of connecting */
  readonly connection: number;
  readonly kind: "query" | "prepare" | "execute" | "close" | "reset" | "ping" | "init-db" | "quit" | "other";
  /** of an `execute`, the prepared text; null: no text, or query attributes with values precede it */
  readonly sql: string | null;
  /** number of placeholders that an `execute` fills */
  readonly parameters: number | null;
}

type Kind = WireCommand["kind"];
const KINDS: Readonly<Partial<Record<number, Kind>>> = {
  0x01: "quit",
  0x02: "init-db",
  0x03: "query",
  0x0e: "ping",
  0x16: "prepare",
  0x17: "execute",
  0x19: "close",
  0x1a: "reset",
  0x1f: "reset",
};

export interface WireTap extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Starts the recording of commands. */
  record(): void;
  readonly commands: readonly WireCommand[];
  /** true: a connection was encrypted, compressed or not parseable, and `commands` lacks its commands from that point */
  readonly unreadable: boolean;
}

/** Sequence numbers of the first and the last part, the bytes of all parts, and the first of these bytes. */
interface Packet {
  readonly first: number;
  readonly last: number;
  readonly bytes: number;
  readonly payload: Buffer;
}

class PacketReader {
  readonly #keptBytes: number;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  #missingBytes = 0;
  #first: number | null = null;
  #bytes = 0;
  #kept: Buffer[] = [];

  /** @param keptBytes the reader keeps so many bytes of each packet */
  constructor(keptBytes: number) {
    this.#keptBytes = keptBytes;
  }

  /** @returns the packets that end in this chunk */
  *push(chunk: Buffer): Generator<Packet, void, undefined> {
    for (let rest = chunk; rest.length > 0;) {
      if (this.#headerBytes < HEADER_BYTES) {
        const copied = rest.copy(this.#header, this.#headerBytes);
        this.#headerBytes += copied;
        rest = rest.subarray(copied);
        if (this.#headerBytes < HEADER_BYTES) return;
        this.#missingBytes = this.#header.readUIntLE(0, 3);
      }
      const part = rest.subarray(0, this.#missingBytes);
      rest = rest.subarray(part.length);
      this.#missingBytes -= part.length;
      if (this.#bytes < this.#keptBytes) this.#kept.push(part.subarray(0, this.#keptBytes - this.#bytes));
      this.#bytes += part.length;
      if (this.#missingBytes > 0) return;
      this.#headerBytes = 0;
      const last = this.#header.readUInt8(3);
      this.#first ??= last;
      if (this.#header.readUIntLE(0, 3) === MAX_PART_BYTES) continue;
      yield { first: this.#first, last, bytes: this.#bytes, payload: Buffer.concat(this.#kept) };
      [this.#first, this.#bytes, this.#kept] = [null, 0, []];
    }
  }
}

/** Reads a length-encoded integer and the offset of its end. */
function readInteger(payload: Buffer, at: number): [value: number, end: number] {
  const first = payload.readUInt8(at);
  if (first < 0xfb) return [first, at + 1];
  if (first === 0xfe) return [Number(payload.readBigUInt64LE(at + 1)), at + 9];
  const bytes = first - 0xfa;
  return [payload.readUIntLE(at + 1, bytes), at + 1 + bytes];
}

/** The capabilities that a server's greeting offers. */
function offeredBy({ payload }: Packet): number {
  if (payload[0] === ERROR) return 0;
  // version, NUL, thread 4, salt 8, filler 1, capabilities 2, charset 1, status 2, capabilities 2
  const at = payload.indexOf(0, 1) + 14;
  return payload.readUInt16LE(at) | (payload.readUInt16LE(at + 5) << 16);
}

function sqlOf(payload: Buffer, hasAttributes: boolean): string | null {
  if (!hasAttributes) return payload.toString("utf8", 1);
  const [attributes, end] = readInteger(payload, 1);
  // To find the end of the values, the proxy would have to decode each value by its type.
  return attributes > 0 ? null : payload.toString("utf8", readInteger(payload, end)[1]);
}

const isError = ({ payload }: Packet): boolean => payload[0] === ERROR;
const isEnd = (packet: Packet): boolean => isError(packet) || (packet.payload[0] === EOF && packet.bytes < MAX_PART_BYTES);

/** @param end an OK, an EOF (shorter than any OK, and without its numbers before the status) or an ERROR */
function hasMoreResults(end: Packet): boolean {
  if (isError(end)) return false;
  const at = end.bytes === 5 ? 3 : readInteger(end.payload, readInteger(end.payload, 1)[1])[1];
  return (end.payload.readUInt16LE(at) & STATUS_MORE_RESULTS) !== 0;
}

/** Receives the packets of one answer up to the last one. */
type Answer = Generator<undefined, void, Packet>;
interface Statement {
  readonly sql: string | null;
  parameters: number | null;
}

/** The protocol state of one connection. The methods throw when they can't parse the connection further. */
class Conversation {
  readonly #onCommand: (kind: Kind, statement: Statement) => void;
  #offered: number | null = null;
  #capabilities: number | null = null;
  #isSendingFile = false;
  readonly #statements = new Map<number, Statement>();
  /** in the order of the commands; `last` is the sequence number before the next packet */
  readonly #awaited: { readonly answer: Answer; last: number }[] = [];

  constructor(onCommand: (kind: Kind, statement: Statement) => void) {
    this.#onCommand = onCommand;
  }

  fromClient({ first, last, bytes, payload }: Packet): void {
    const [awaited] = this.#awaited;
    if (this.#capabilities === null) {
      const wanted = payload.readUInt32LE(0);
      // mysql2 sets flags that the server does not offer, and then does not use them.
      this.#capabilities = wanted & (this.#offered ?? 0);
      if ((wanted & CLIENT_SSL) !== 0 || (this.#capabilities & CLIENT_UNREADABLE) !== 0) throw new Error("not plain");
    } else if (this.#isSendingFile || first !== 0) {
      // The sequence numbers of a file's packets also wrap around. An empty packet ends the file.
      this.#isSendingFile &&= bytes > 0;
      if (awaited !== undefined) awaited.last = last;
    } else this.#command(payload, last, this.#capabilities);
  }

  fromServer(packet: Packet): void {
    this.#offered ??= offeredBy(packet);
    const [awaited] = this.#awaited;
    // During login, no answer is awaited.
    if (awaited === undefined) return;
    if (packet.first !== ((awaited.last + 1) & 0xff) && !isError(packet)) throw new Error("out of order");
    awaited.last = packet.last;
    if (awaited.answer.next(packet).done === true) this.#awaited.shift();
  }

  #command(payload: Buffer, last: number, capabilities: number): void {
    const kind = KINDS[payload.readUInt8(0)] ?? "other";
    let statement: Statement = { sql: null, parameters: null };
    if (kind === "query") statement = { ...statement, sql: sqlOf(payload, (capabilities & CLIENT_QUERY_ATTRIBUTES) !== 0) };
    if (kind === "prepare") {
      statement = { ...statement, sql: sqlOf(payload, false) };
      this.#statements.set(LAST_PREPARED, statement);
    }
    if (kind === "execute") statement = this.#statements.get(payload.readUInt32LE(1)) ?? statement;
    if (kind === "close") this.#statements.delete(payload.readUInt32LE(1));
    this.#onCommand(kind, statement);
    if (kind === "quit" || kind === "close" || payload[0] === SEND_LONG_DATA) return;
    const answer = this.#answerTo(kind, statement, (capabilities & CLIENT_DEPRECATE_EOF) === 0 ? 1 : 0);
    answer.next();
    this.#awaited.push({ answer, last });
  }

  /** @param eofPackets after descriptions of columns */
  *#answerTo(kind: Kind, statement: Statement, eofPackets: number): Answer {
    let packet = yield;
    if (kind === "prepare" && !isError(packet)) {
      const [columns, parameters] = [packet.payload.readUInt16LE(5), packet.payload.readUInt16LE(7)];
      statement.parameters = parameters;
      this.#statements.set(packet.payload.readUInt32LE(1), statement);
      for (const count of [parameters, columns]) if (count > 0) for (let n = 0; n < count + eofPackets; n += 1) yield;
    }
    if (kind !== "query" && kind !== "execute") return;
    for (; ; packet = yield) {
      this.#isSendingFile = packet.payload[0] === LOCAL_INFILE;
      if (this.#isSendingFile) packet = yield;
      if (packet.payload[0] !== OK && !isError(packet)) {
        const [columns] = readInteger(packet.payload, 0);
        for (let n = 0; n < columns + eofPackets; n += 1) yield;
        do packet = yield;
        while (!isEnd(packet));
      }
      if (!hasMoreResults(packet)) return;
    }
  }
}

/** Forwards each chunk before it reads the chunk. */
function pass(from: Socket, to: Socket, read: (chunk: Buffer) => void): void {
  from.pipe(to);
  from.on("data", read);
  from.on("error", () => {});
  // `destroySoon` sends the pending bytes first: the client must receive the reason for the close.
  from.on("close", () => to.destroySoon());
}

export async function openWireTap(
  server: Pick<ConnectionTarget, "host" | "port"> & Partial<Pick<ConnectionTarget, "socketPath">>,
): Promise<WireTap> {
  const seen: { readonly connection: number; readonly kind: Kind; readonly statement: Statement }[] = [];
  const sockets = new Set<Socket>();
  let [connections, isRecording, unreadable] = [0, false, false];

  // Half open, because the proxy forwards the end of a stream like data.
  const listener = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const connection = (connections += 1);
    const upstream = connect({ ...nodeAddress(server), noDelay: true, allowHalfOpen: true });
    for (const socket of [client, upstream]) sockets.add(socket.once("close", () => sockets.delete(socket)));

    const conversation = new Conversation((kind, statement) => {
      if (isRecording) seen.push({ connection, kind, statement });
    });
    let isFollowed = true;
    const reading = (reader: PacketReader, take: (packet: Packet) => void) => (chunk: Buffer) => {
      try {
        if (isFollowed) for (const packet of reader.push(chunk)) take(packet);
      } catch {
        isFollowed = false;
        unreadable = true;
      }
    };
    pass(
      client,
      upstream,
      reading(new PacketReader(Infinity), (packet) => conversation.fromClient(packet)),
    );
    pass(
      upstream,
      client,
      reading(new PacketReader(KEPT_ANSWER_BYTES), (packet) => conversation.fromServer(packet)),
    );
  });
  await once(listener.listen(0, HOST), "listening");

  return {
    host: HOST,
    port: (listener.address() as AddressInfo).port,
    record: () => void (isRecording = true),
    get commands() {
      return seen.map(({ connection, kind, statement: { sql, parameters } }) => ({
        connection,
        kind,
        sql,
        parameters: kind === "execute" ? parameters : null,
      }));
    },
    get unreadable() {
      return unreadable;
    },
    async [Symbol.asyncDispose]() {
      const closed = [...sockets].map((socket) => new Promise((resolve) => void socket.once("close", resolve)));
      for (const socket of sockets) socket.destroy();
      await Promise.all([...closed, new Promise((resolve) => void listener.close(resolve))]);
    },
  };
}
