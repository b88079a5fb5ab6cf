/**
 * The set of the states that were seen, as hashes of 64 bits in typed arrays. With ten million states the chance that two of
 * them share a hash is below one in 300,000.
 */
const EMPTY = -1;
const MAX_FILL = 0.6;

export class Visited {
  #low: Uint32Array;
  #high: Uint32Array;
  #ids: Int32Array;
  #count = 0;

  constructor(capacity = 1 << 16) {
    this.#low = new Uint32Array(capacity);
    this.#high = new Uint32Array(capacity);
    this.#ids = new Int32Array(capacity).fill(EMPTY);
  }

  get size(): number {
    return this.#count;
  }

  /** The number of the state, from 0 in the order of `add`; new states get `size` of before. */
  add(state: Uint16Array): number {
    let low = 0x811c9dc5;
    let high = 0x9747b28c;
    for (let index = 0; index < state.length; index += 1) {
      const value = state[index] ?? 0;
      low = Math.imul(low ^ value, 0x01000193);
      high = Math.imul(high ^ (value + index), 0x85ebca6b);
      high ^= high >>> 13;
    }
    low = Math.imul(low ^ (low >>> 15), 0x2c1b3c6d) ^ high;
    high = Math.imul(high ^ (high >>> 16), 0xc2b2ae35);
    if (this.#count > this.#ids.length * MAX_FILL) this.#grow();
    return this.#insert(low >>> 0, high >>> 0);
  }

  #insert(low: number, high: number): number {
    const mask = this.#ids.length - 1;
    let slot = (low ^ (high >>> 7)) & mask;
    for (; this.#ids[slot] !== EMPTY; slot = (slot + 1) & mask)
      if (this.#low[slot] === low && this.#high[slot] === high) return this.#ids[slot] ?? EMPTY;
    this.#low[slot] = low;
    this.#high[slot] = high;
    this.#ids[slot] = this.#count;
    this.#count += 1;
    return this.#count - 1;
  }

  #grow(): void {
    const old = { low: this.#low, high: this.#high, ids: this.#ids };
    const capacity = old.ids.length * 2;
    this.#low = new Uint32Array(capacity);
    this.#high = new Uint32Array(capacity);
    this.#ids = new Int32Array(capacity).fill(EMPTY);
    const mask = capacity - 1;
    for (let from = 0; from < old.ids.length; from += 1) {
      const id = old.ids[from] ?? EMPTY;
      if (id === EMPTY) continue;
      const low = old.low[from] ?? 0;
      const high = old.high[from] ?? 0;
      let slot = (low ^ (high >>> 7)) & mask;
      while (this.#ids[slot] !== EMPTY) slot = (slot + 1) & mask;
      this.#low[slot] = low;
      this.#high[slot] = high;
      this.#ids[slot] = id;
    }
  }
}
