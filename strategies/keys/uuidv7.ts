import { v7 } from "uuid";
import type { KeyScheme } from "./key.ts";

export const key: KeyScheme = {
  id: "uuidv7",
  summary: "time-ordered UUID made by the client, BINARY(16)",
  storage: "bin16",
  // With `undefined` for the options uuid keeps a counter inside one millisecond; with any object (even {}) it does not,
  // and half of all neighbours come out of order.
  next: () => v7(undefined, new Uint8Array(16)),
  // RFC 9562: 48 bits of milliseconds, version 7, a 12-bit counter (the row number, its overflow carried into the
  // milliseconds so that order holds over any number of rows), variant 10, 62 random bits.
  sqlExpression: (rowNumber) =>
    `UNHEX(CONCAT(
       LPAD(HEX(FLOOR(UNIX_TIMESTAMP(NOW(3)) * 1000) + (${rowNumber} DIV 4096)), 12, '0'),
       '7', LPAD(HEX(${rowNumber} MOD 4096), 3, '0'),
       HEX(128 | (ORD(RANDOM_BYTES(1)) & 63)), HEX(RANDOM_BYTES(7))))`,
  check: { everyRow: "HEX(id) REGEXP '^.{12}7.{3}[89AB]'", ordered: true },
};
