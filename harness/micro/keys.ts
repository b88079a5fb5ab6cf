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
      if (made.some((key) => versionOf(key) !== wanted)) return `some keys are not UUIDs of version ${wanted}`;
      if (new Set(made.map(asText)).size !== KEYS) return "two keys are equal";
      const inOrder = made.every((key, index) => index === 0 || asText(made[index - 1]) < asText(key));
      return wanted === 7 && !inOrder ? "the keys are not in ascending order" : null;
    },
  };
}

export const micro: Micro = {
  id: "keys",
  summary: "surrogate keys that the client generates: random and time-ordered, as text and as bytes",
  cases: () => [
    keys("uuidv4, text", () => v4(), 4),
    keys("uuidv4, 16 bytes", () => v4(undefined, new Uint8Array(16)), 4),
    keys("uuidv7, text", () => v7(), 7),
    // with an options object v7() keeps no counter, and half of all neighbouring keys are out of order
    keys("uuidv7, 16 bytes", () => v7(undefined, new Uint8Array(16)), 7),
  ],
};
