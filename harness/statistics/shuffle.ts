import { mulberry32 } from "../../lib/random.ts";

/** A seeded shuffle (Fisher-Yates over mulberry32), with the same order on every machine. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = mulberry32(seed, result.length - 1 - last) % (last + 1);
    const moved = result[last] as T;
    result[last] = result[other] as T;
    result[other] = moved;
  }
  return result;
}
