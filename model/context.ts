/** The view and the actions of a step: its thread, its session, and the database. One object serves all steps of an explorer. */
import type { Changes } from "./changes.ts";
import { Database, type Op } from "./database.ts";
import { checkCommit, type Invariant } from "./invariants.ts";
import { DATE, SESSION, STATUS, THREAD_WIDTH, type Thread } from "./layout.ts";
import type { World } from "./world.ts";

export type Failure = "error" | "lock-timeout" | "lost";

export class Context {
  readonly database: Database;
  readonly changes: Changes;
  /** The places of steps by id. */
  readonly places: ReadonlyMap<string, number>;
  /** the thread whose step runs */
  thread = 0;
  /** true: steps describe themselves in `note` */
  isTracing = false;
  note = "";
  violation: Invariant | null = null;
  readonly #onCommit: (cell: number, before: number) => void;

  constructor(world: World, changes: Changes, places: ReadonlyMap<string, number>) {
    this.database = new Database(world);
    this.changes = changes;
    this.places = places;
    this.#onCommit = (cell, before) => {
      this.violation ??= checkCommit(this.database, this.thread, cell, before);
    };
  }

  get world(): World {
    return this.database.world;
  }

  get who(): Thread {
    const who = this.database.layout.threads[this.thread];
    if (who === undefined) throw new Error(`the model has no thread ${this.thread}`);
    return who;
  }

  say(text: string): void {
    this.note = this.note === "" ? text : `${this.note}; ${text}`;
  }

  // memory

  local(cell: number): number {
    return this.database.get(this.database.layout.thread(this.thread) + cell);
  }

  setLocal(cell: number, value: number): void {
    this.database.put(this.database.layout.thread(this.thread) + cell, value);
  }

  goto(step: string): void {
    const place = this.places.get(step);
    if (place === undefined) throw new Error(`the model has no step ${step}`);
    this.setLocal(0, place);
  }

  /** Back to place 0 of the thread's kind, without memory. */
  forget(): void {
    const base = this.database.layout.thread(this.thread);
    this.database.state.fill(0, base, base + THREAD_WIDTH);
  }

  // the transaction of the thread's session

  begin(): void {
    const { database, thread } = this;
    if (database.sessionState(thread) === SESSION.open) this.say("START TRANSACTION commits what was left open");
    database.begin(thread, this.#onCommit);
  }

  canLock(row: number, isExclusive: boolean): boolean {
    return this.database.canLock(this.thread, row, isExclusive);
  }

  lock(row: number, isExclusive = true): void {
    this.database.lock(this.thread, row, isExclusive);
  }

  change(cell: number, op: Op, value: number): void {
    this.database.change(this.thread, cell, op, value);
  }

  changeDate(date: number, cell: number, op: Op, value: number): void {
    this.change(this.database.layout.date(date) + cell, op, value);
  }

  commit(): void {
    this.database.commit(this.thread, this.#onCommit);
  }

  rollback(): void {
    this.database.rollback(this.thread);
  }

  // readings

  /** The target users without a marker, by a plain read. */
  undone(date: number): number {
    return this.database.date(date, DATE.targets) & ~this.database.date(date, DATE.markers);
  }

  isOpen(date: number): boolean {
    const status = this.database.date(date, DATE.status);
    return status === STATUS.selecting || status === STATUS.running;
  }

  get allUsers(): number {
    return (1 << this.world.users) - 1;
  }
}

/** `0, 2` for the mask 0b101. */
export function usersOf(mask: number): string {
  const users: number[] = [];
  for (let user = 0; mask >> user !== 0; user += 1) if (((mask >> user) & 1) === 1) users.push(user);
  return users.length === 0 ? "nobody" : users.join(", ");
}

/** Two bits per user, so that a second effect on a user is visible. */
export function spread(mask: number): number {
  let counts = 0;
  for (let user = 0; mask >> user !== 0; user += 1) if (((mask >> user) & 1) === 1) counts |= 1 << (2 * user);
  return counts;
}

export function popCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
