import { v4 } from "uuid";
import type { KeyScheme } from "./key.ts";

export const key: KeyScheme = {
  id: "uuidv4",
  summary: "random UUID made by the client, BINARY(16): each insert lands in another page of the index",
  storage: "bin16",
  next: () => v4(undefined, new Uint8Array(16)),
  sqlExpression: () =>
    `UNHEX(CONCAT(HEX(RANDOM_BYTES(6)), '4', RIGHT(HEX(RANDOM_BYTES(2)), 3), HEX(128 | (ORD(RANDOM_BYTES(1)) & 63)), HEX(RANDOM_BYTES(7))))`,
  check: { everyRow: "HEX(id) REGEXP '^.{12}4.{3}[89AB]'", ordered: false },
};
