import { describe, expect, it } from "vitest";
import { kindOf, messageOfFailure, titleOf, type Cause } from "../../harness/limits/kinds.ts";

const NOTHING = { bytes: null, maxAllowedPacket: null };
const cause = (message: string, code: string | null = null, name = "Error"): Cause => ({ name, message, code });

describe("the kind of a limit", () => {
  it.each([
    ["the server's number for a large packet", 1153, [cause("Got a packet bigger than 'max_allowed_packet' bytes")], "packet"],
    ["the check of the MariaDB connector", null, [cause("too big", "ER_MAX_ALLOWED_PACKET")], "packet"],
    ["the server's number for placeholders", 1390, [cause("Prepared statement contains too many placeholders")], "placeholders"],
    ["a cause below the library's error", null, [cause("failed"), cause("too many", "ER_PS_MANY_PARAM")], "placeholders"],
    ["the stack of a thread", 1436, [cause("Thread stack overrun")], "thread-stack"],
    ["the server's parser", 1064, [cause("memory exhausted at or near '1'")], "parser"],
    ["the call stack of the client", null, [cause("Maximum call stack size exceeded", null, "RangeError")], "call-stack"],
    ["a string of JavaScript", null, [cause("Invalid string length", null, "RangeError")], "string-length"],
    ["a RangeError without a further word", null, [cause("offset is out of range", null, "RangeError")], "range-error"],
    ["the heap", null, [cause("JavaScript heap out of memory", "BENCH_HEAP")], "heap"],
    ["Prisma's timeout of a transaction", null, [cause("Transaction already closed", "P2028")], "library-time"],
    ["an error that no row names", 1213, [cause("Deadlock found")], "other"],
  ])("is found by %s", (_, errno, causes, kind) => {
    expect(kindOf({ errno, causes }, NOTHING)).toBe(kind);
  });

  it("is the packet for a closed connection only if more bytes than the packet were sent", () => {
    const failure = { errno: null, causes: [cause("write EPIPE", "EPIPE")] };
    expect(kindOf(failure, { bytes: 1_001, maxAllowedPacket: 1_000 })).toBe("packet");
    expect(kindOf(failure, { bytes: 999, maxAllowedPacket: 1_000 })).toBe("connection-closed");
    expect(kindOf(failure, { bytes: null, maxAllowedPacket: 1_000 })).toBe("connection-closed");
  });

  it("has a title, which is the kind itself for one of another version", () => {
    expect(titleOf("placeholders")).toBe("65,535 placeholders");
    expect(titleOf("of-tomorrow")).toBe("of-tomorrow");
  });

  it("comes with the messages of all causes, each once", () => {
    const causes = [cause("the update failed: too\n  many"), cause("too many"), cause("prepared")];
    expect(messageOfFailure({ errno: null, causes })).toBe("the update failed: too many: prepared");
  });
});
