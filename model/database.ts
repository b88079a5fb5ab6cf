/**
 * The database of the model at READ COMMITTED: committed values, row locks that last to the end of a transaction, and the
 * uncommitted changes of each session. A plain read sees the committed values of its moment.
 */
import { Layout, SESSION, SESSION_CELLS } from "./layout.ts";
import type { World } from "./world.ts";

/** The effects of a change on its cell. */
const OPS = { set: 0, add: 1, or: 2, clear: 3 } as const;
export type Op = keyof typeof OPS;
const OP_SHIFT = 12;
const CELL_MASK = (1 << OP_SHIFT) - 1;

const EXCLUSIVE = 0x8000;

export class Database {
  readonly world: World;
  readonly layout: Layout;
  readonly state: Uint16Array;
  /** the same memory, for hashing */
  readonly words: Uint32Array;

  constructor(world: World) {
    this.world = world;
    this.layout = new Layout(world);
    this.state = this.layout.initial();
    this.words = new Uint32Array(this.state.buffer);
  }

  get(cell: number): number {
    return this.state[cell] ?? 0;
  }

  put(cell: number, value: number): void {
    this.state[cell] = value;
  }

  date(date: number, cell: number): number {
    return this.get(this.layout.date(date) + cell);
  }

  key(key: number, cell: number): number {
    return this.get(this.layout.key(key) + cell);
  }

  // locks

  canLock(session: number, row: number, isExclusive: boolean): boolean {
    const lock = this.get(this.layout.locks + row);
    const mine = 1 << session;
    if ((lock & ~EXCLUSIVE & ~mine) === 0) return true;
    return !isExclusive && (lock & EXCLUSIVE) === 0;
  }

  lock(session: number, row: number, isExclusive: boolean): void {
    const cell = this.layout.locks + row;
    this.put(cell, this.get(cell) | (1 << session) | (isExclusive ? EXCLUSIVE : 0));
  }

  /** The sessions that hold a lock on the row, as a bit mask. */
  holders(row: number): number {
    return this.get(this.layout.locks + row) & ~EXCLUSIVE;
  }

  #unlockAll(session: number): void {
    const { locks, lockRows } = this.layout;
    const mine = 1 << session;
    for (let cell = locks; cell < locks + lockRows; cell += 1) {
      const lock = this.get(cell);
      if ((lock & mine) !== 0) this.put(cell, (lock & ~EXCLUSIVE) === mine ? 0 : lock & ~mine);
    }
  }

  // transactions

  sessionState(session: number): number {
    return this.get(this.layout.session(session) + SESSION_CELLS.state);
  }

  /** START TRANSACTION. It commits an open transaction of the session first, as the server does. */
  begin(session: number, onCommit: (cell: number, before: number) => void): void {
    if (this.sessionState(session) === SESSION.open) this.commit(session, onCommit);
    this.put(this.layout.session(session) + SESSION_CELLS.state, SESSION.open);
  }

  change(session: number, cell: number, op: Op, value: number): void {
    const base = this.layout.session(session);
    const count = this.get(base + SESSION_CELLS.changes);
    const at = base + SESSION_CELLS.first + 2 * count;
    if (at >= this.layout.session(session + 1)) throw new Error("the transaction of the model has too many changes");
    this.put(base + SESSION_CELLS.changes, count + 1);
    this.put(at, cell | (OPS[op] << OP_SHIFT));
    this.put(at + 1, value);
  }

  /** The uncommitted change of a session: cell and value; for numbers that are given out before the commit. */
  uncommittedMax(cells: readonly number[]): number {
    let max = 0;
    for (let session = 0; session < this.layout.sessions; session += 1) {
      const base = this.layout.session(session);
      for (let index = 0; index < this.get(base + SESSION_CELLS.changes); index += 1) {
        const at = base + SESSION_CELLS.first + 2 * index;
        if (cells.includes(this.get(at) & CELL_MASK)) max = Math.max(max, this.get(at + 1));
      }
    }
    return max;
  }

  /** Applies the changes, all at once for every other session, and releases the locks. */
  commit(session: number, onCommit: (cell: number, before: number) => void): void {
    const base = this.layout.session(session);
    const count = this.get(base + SESSION_CELLS.changes);
    const before: number[] = [];
    for (let index = 0; index < count; index += 1) {
      const at = base + SESSION_CELLS.first + 2 * index;
      const cell = this.get(at) & CELL_MASK;
      const old = this.get(cell);
      before.push(cell, old);
      this.put(cell, applied(old, this.get(at) >> OP_SHIFT, this.get(at + 1)));
    }
    this.rollback(session);
    for (let index = 0; index < before.length; index += 2) onCommit(before[index] ?? 0, before[index + 1] ?? 0);
  }

  /** Drops the changes and the locks, and ends the transaction. */
  rollback(session: number): void {
    const base = this.layout.session(session);
    this.state.fill(0, base, this.layout.session(session + 1));
    this.#unlockAll(session);
  }

  /** The server ended the session. The client finds out at its next statement. */
  endSession(session: number): void {
    this.rollback(session);
    this.put(this.layout.session(session) + SESSION_CELLS.state, SESSION.ended);
  }

  freeOrphans(): number {
    let free = 0;
    for (let orphan = this.layout.firstOrphan; orphan < this.layout.sessions; orphan += 1)
      if (this.sessionState(orphan) === SESSION.none) free += 1;
    return free;
  }

  /** The client is gone, and its session stays on the server with its locks and changes. Needs a free orphan. */
  orphan(session: number): void {
    const { layout } = this;
    let to = layout.firstOrphan;
    while (this.sessionState(to) !== SESSION.none) to += 1;
    const width = layout.session(1) - layout.session(0);
    this.state.copyWithin(layout.session(to), layout.session(session), layout.session(session) + width);
    for (let cell = layout.locks; cell < layout.locks + layout.lockRows; cell += 1) {
      const lock = this.get(cell);
      if ((lock & (1 << session)) !== 0) this.put(cell, lock | (1 << to));
    }
    this.rollback(session);
  }
}

function applied(old: number, op: number, value: number): number {
  if (op === OPS.add) return old + value;
  if (op === OPS.or) return old | value;
  return op === OPS.clear ? old & ~value : value;
}
