import { stringify, v4, v7, validate, version } from "uuid";
import type { Micro, MicroCase } from "../../orms/micro.ts";

const KEYS = 100;

function versionOf(key: unknown): number | null {
  const text = typeof key === "string" ? key : key instanceof Uint8Array && key.length === 16 ? stringify(key) : "";
  return validate(text) ? version(text) : null;
}

const asText = (key: unknown): string => (typeof key === "string" ? key : Buffer.from(key as Uint8Array).toString("hex"));

function keys(name: string, make: () => string | Uint8Array, wanted: 4 | 7): MicroCase {
  return {
    name,
    unit: "key",
    unitsPerCall: KEYS,
    isAsync: false,
    run: () => Array.from({ length: KEYS }, make),
    check(result) {
      const made = result as unknown[];
      if (made.some((key) => versionOf(key) !== wanted)) return `not all are UUIDs of version ${wanted}`;
      if (new Set(made.map(asText)).size !== KEYS) return "two are equal";
      const inOrder = made.every((key, index) => index === 0 || asText(made[index - 1]) < asText(key));
      return wanted === 7 && !inOrder ? "they are not in order" : null;
    },
  };
}

export const micro: Micro = {
  id: "keys",
  summary: "surrogate keys made by the client: random and time-ordered, as text and as bytes",
  cases: () => [
    keys("uuidv4, text", () => v4(), 4),
    keys("uuidv4, 16 bytes", () => v4(undefined, new Uint8Array(16)), 4),
    keys("uuidv7, text", () => v7(), 7),
    // with an object for the options it would keep no counter, and half of all neighbours come out of order
    keys("uuidv7, 16 bytes", () => v7(undefined, new Uint8Array(16)), 7),
  ],
};
