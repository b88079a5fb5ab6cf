/** Finds the statements in the bytes that a client sends to a MySQL server. Not for compressed or encrypted connections. */

const COM_QUERY = 0x03;
const COM_STMT_PREPARE = 0x16;
const COM_STMT_EXECUTE = 0x17;
const HEADER_BYTES = 4;
const LENGTH_BYTES = 3;
const OK = 0;

const packetOf = (body: Buffer, sequence: number): Buffer => {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUIntLE(body.length, 0, LENGTH_BYTES);
  header[LENGTH_BYTES] = sequence;
  return Buffer.concat([header, body]);
};

/** No attributes, in the one set of them: a client that can send attributes begins each statement so. */
const NO_ATTRIBUTES = Buffer.from([0, 1]);

export class CommandReader {
  /** The packet that executes a prepared statement has its number and not its text. */
  readonly #prepared = new Map<number, string>();
  #preparing: string | null = null;
  #hasAttributes = false;
  /** bytes of the current packet that have not arrived yet */
  #left = 0;

  /** @returns the text of the last statement that begins in these bytes, or null */
  sent(bytes: Buffer): string | null {
    let found: string | null = null;
    let at = Math.min(this.#left, bytes.length);
    this.#left -= at;
    while (at + HEADER_BYTES < bytes.length) {
      const length = bytes.readUIntLE(at, LENGTH_BYTES);
      const body = bytes.subarray(at + HEADER_BYTES, at + HEADER_BYTES + length);
      // The packets of a login have higher numbers.
      if (bytes[at + LENGTH_BYTES] === 0) found = this.#statement(body) ?? found;
      at += HEADER_BYTES + length;
    }
    this.#left += Math.max(0, at - bytes.length);
    return found;
  }

  #statement(body: Buffer): string | null {
    const [command] = body;
    if (command === COM_QUERY) {
      this.#hasAttributes = body.subarray(1, 1 + NO_ATTRIBUTES.length).equals(NO_ATTRIBUTES);
      return body.toString("latin1", 1);
    }
    if (command === COM_STMT_PREPARE) this.#preparing = body.toString("latin1", 1);
    return command === COM_STMT_EXECUTE ? (this.#prepared.get(body.readUInt32LE(1)) ?? null) : null;
  }

  /** The packet by which this client would send a statement. */
  packet(sql: string): Buffer {
    const attributes = this.#hasAttributes ? [NO_ATTRIBUTES] : [];
    return packetOf(Buffer.concat([Buffer.from([COM_QUERY]), ...attributes, Buffer.from(sql, "latin1")]), 0);
  }

  answered(bytes: Buffer): void {
    if (this.#preparing === null) return;
    if (bytes[HEADER_BYTES] === OK) this.#prepared.set(bytes.readUInt32LE(HEADER_BYTES + 1), this.#preparing);
    this.#preparing = null;
  }
}

/**
 * Changes the text of a statement that is sent or prepared.
 * @param bytes a whole packet, or anything else, which stays as it is
 */
export function rewritten(bytes: Buffer, change: (sql: string) => string): Buffer {
  const [command] = bytes.subarray(HEADER_BYTES);
  const isWhole = bytes.length > HEADER_BYTES && bytes.readUIntLE(0, LENGTH_BYTES) === bytes.length - HEADER_BYTES;
  if (!isWhole || bytes[LENGTH_BYTES] !== 0 || (command !== COM_QUERY && command !== COM_STMT_PREPARE)) return bytes;
  const sql = change(bytes.toString("latin1", HEADER_BYTES + 1));
  return packetOf(Buffer.concat([Buffer.from([command]), Buffer.from(sql, "latin1")]), 0);
}

export interface Refusal {
  readonly number: number;
  /** 5 characters */
  readonly state: string;
  readonly message: string;
}

/** The packet by which a server refuses the statement of the last packet. */
export function refusalPacket({ number, state, message }: Refusal): Buffer {
  const body = Buffer.from(`\0\0\0#${state}${message}`, "latin1");
  body[0] = 0xff;
  body.writeUInt16LE(number, 1);
  return packetOf(body, 1);
}
