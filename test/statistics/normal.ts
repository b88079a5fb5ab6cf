import { mulberry32 } from "../../lib/random.ts";

/** A seeded source of standard normal values (Box-Muller). */
export function randomOf(seed: number): () => number {
  let next = 0;
  const uniform = (): number => (mulberry32(seed, next++) + 1) / (2 ** 32 + 1);
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
