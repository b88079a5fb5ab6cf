/** Seeded random numbers: `mulberry32` on a counter, so that draw k of a stream needs no earlier draw. Integer arithmetic only. */

const WEYL_STEP = 0x6d2b79f5;

/** Draw number `index` (from 0) of the stream with this seed. @returns an integer in [0, 2^32) */
export function mulberry32(seed: number, index: number): number {
  const state = (seed + Math.imul(index + 1, WEYL_STEP)) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return (mixed ^ (mixed >>> 14)) >>> 0;
}
