/**
 * The undone users of a batch in the memory of a member, divided into its partition and the rest. To ask the database in each round
 * cost 1.1 to 1.6 s of a batch of 7.5 s; this list costs 0.06 s.
 */
import { readUndone, withoutDone } from "../batch/undone.ts";
import type { Database } from "../database/database.ts";
import { hasFault } from "../faults.ts";
import type { Partitioning } from "./partitionings/partitioning.ts";
import { ownPartition, usersToHelp, type View } from "./partition.ts";

export class UndoneUsers {
  readonly #database: Database;
  readonly #batchId: number;
  readonly #partitioning: Partitioning;
  /** sorted; null: not read yet */
  #undone: number[] | null = null;
  /** the users of the partition that this member has not tried since the last reading */
  #partition: number[] = [];
  /**
   * Users whose rows another transaction held at the last try. All others come first: rounds that met the rows of a sleeping member, with
   * free users left, were most of the empty ones.
   */
  readonly #locked = new Set<number>();
  #members: readonly string[] | null = null;
  #index = -1;
  #isStale = true;

  constructor(database: Database, batchId: number, partitioning: Partitioning) {
    this.#database = database;
    this.#batchId = batchId;
    this.#partitioning = partitioning;
  }

  /** true if some undone users were free at the last try, or no round has tried them */
  get hasFreeUsers(): boolean {
    return this.#free(this.#undone ?? []).length > 0;
  }

  /** Makes the next call read all users again: this member found none left, but a target in the database has no marker. */
  forget(): void {
    this.#undone = null;
  }

  /** Reads the markers of the known users before the next round. */
  refresh(): void {
    this.#isStale = true;
  }

  #free(userIds: readonly number[]): readonly number[] {
    return this.#locked.size === 0 ? userIds : userIds.filter((userId) => !this.#locked.has(userId));
  }

  /**
   * @param chunkUsers at most so many users
   * @param turn null: a round of free users. A number: one user to wait for, so that a locked user does not stay the first one forever
   * @returns no user when none is undone; `isOwnPartition`: they belong to the partition of this member
   */
  async next(
    view: View,
    chunkUsers: number,
    turn: number | null,
  ): Promise<{ readonly userIds: number[]; readonly isOwnPartition: boolean }> {
    const isOtherView = view.members !== this.#members || view.index !== this.#index;
    if (this.#undone === null || this.#isStale || isOtherView || this.#partition.length === 0) await this.#read(view);
    const undone = this.#undone ?? [];
    if (!this.hasFreeUsers) this.#locked.clear();
    const partition = this.#free(this.#partition);
    const isOwnPartition = partition.length > 0;
    if (turn === null) {
      const helped = (): number[] => usersToHelp(this.#free(undone), view, chunkUsers);
      return { userIds: isOwnPartition ? partition.slice(0, chunkUsers) : helped(), isOwnPartition };
    }
    const all = isOwnPartition ? partition : undone;
    const userId = all[turn % Math.max(1, all.length)];
    return { userIds: userId === undefined ? [] : [userId], isOwnPartition };
  }

  async #read(view: View): Promise<void> {
    this.#undone =
      this.#undone === null
        ? await readUndone(this.#database, this.#batchId)
        : await withoutDone(this.#database, this.#batchId, this.#undone);
    this.#partition = ownPartition(this.#undone, view, this.#partitioning);
    this.#members = view.members;
    this.#index = view.index;
    this.#isStale = false;
  }

  /** After a round. @param committed of these users */
  took(userIds: readonly number[], committed: readonly number[]): void {
    const done = new Set(hasFault("finishes-from-cursor") ? userIds : committed);
    const tried = new Set(userIds);
    this.#undone = (this.#undone ?? []).filter((userId) => !done.has(userId));
    this.#partition = this.#partition.filter((userId) => !tried.has(userId));
    // Another member did these users, or another transaction holds their rows.
    if (committed.length < userIds.length) this.#isStale = true;
    for (const userId of userIds) if (!done.has(userId)) this.#locked.add(userId);
  }
}
