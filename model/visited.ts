/**
 * The set of the states that were seen, as hashes of 64 bits in one typed array. With ten million states the chance that two of
 * them share a hash is below one in 300,000.
 */

/** Hash, hash, and number + 1 of a state lie side by side: a look-up costs one cache miss instead of three. */
const WIDTH = 4;
const MAX_FILL = 0.6;

export class Visited {
  #slots: Int32Array;
  #mask: number;
  #count = 0;

  constructor(capacity = 1 << 16) {
    this.#slots = new Int32Array(capacity * WIDTH);
    this.#mask = capacity - 1;
  }

  get size(): number {
    return this.#count;
  }

  /** @returns the number of the state, from 0 in the order of `add`; a new state gets the `size` before it */
  add(words: Uint32Array): number {
    let low = 0x811c9dc5;
    let high = 0x9747b28c;
    for (let index = 0; index < words.length; index += 1) {
      const value = words[index] ?? 0;
      // most words are 0: the place of the others identifies them
      if (value === 0) continue;
      const mixed = Math.imul(value ^ Math.imul(index + 1, 0x9e3779b1), 0x2c1b3c6d);
      low = Math.imul(low ^ mixed ^ (mixed >>> 15), 0x01000193);
      high = Math.imul(high ^ mixed, 0x85ebca6b);
      high ^= high >>> 13;
    }
    low = Math.imul(low ^ (low >>> 15), 0x2c1b3c6d) ^ high;
    high = Math.imul(high ^ (high >>> 16), 0xc2b2ae35);
    if (this.#count > this.#mask * MAX_FILL) this.#grow();
    const slots = this.#slots;
    let at = this.#home(low, high);
    for (; slots[at + 2] !== 0; at = this.#next(at))
      if (slots[at] === low && slots[at + 1] === high) return (slots[at + 2] ?? 0) - 1;
    slots[at] = low;
    slots[at + 1] = high;
    this.#count += 1;
    slots[at + 2] = this.#count;
    return this.#count - 1;
  }

  #home(low: number, high: number): number {
    return ((low ^ (high >>> 7)) & this.#mask) * WIDTH;
  }

  #next(at: number): number {
    return (at + WIDTH) & (this.#mask * WIDTH + WIDTH - 1);
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 4);
    this.#mask = this.#slots.length / WIDTH - 1;
    for (let from = 0; from < old.length; from += WIDTH) {
      if (old[from + 2] === 0) continue;
      let at = this.#home(old[from] ?? 0, old[from + 1] ?? 0);
      while (this.#slots[at + 2] !== 0) at = this.#next(at);
      for (let part = 0; part < WIDTH; part += 1) this.#slots[at + part] = old[from + part] ?? 0;
    }
  }
}
