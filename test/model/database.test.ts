import { describe, expect, it } from "vitest";
import { Database } from "../../model/database.ts";
import { DATE, SESSION } from "../../model/layout.ts";
import { world } from "../../model/world.ts";

const ignore = (): void => {};
const open = (): { database: Database; row: number; cell: number } => {
  const database = new Database(world("test"));
  database.begin(0, ignore);
  database.begin(1, ignore);
  return { database, row: database.layout.ownerRow(1), cell: database.layout.date(1) + DATE.markers };
};

describe("the database of the model", () => {
  it("grants shared locks together, and an exclusive lock to one session only", () => {
    const { database, row } = open();
    database.lock(0, row, false);
    expect([database.canLock(1, row, false), database.canLock(1, row, true)]).toEqual([true, false]);
    database.lock(1, row, false);
    expect(database.canLock(0, row, true)).toBe(false);
    database.rollback(1);
    expect(database.canLock(0, row, true)).toBe(true);
    database.lock(0, row, true);
    expect([database.canLock(1, row, false), database.canLock(0, row, true)]).toEqual([false, true]);
  });

  it("shows changes to others only after the commit, which releases the locks", () => {
    const { database, row, cell } = open();
    const seen: number[][] = [];
    database.lock(0, row, true);
    database.change(0, cell, "or", 0b10);
    database.change(0, cell, "or", 0b01);
    expect(database.get(cell)).toBe(0);
    database.commit(0, (changed, before) => seen.push([changed, before]));
    expect(database.get(cell)).toBe(0b11);
    expect(database.canLock(1, row, true)).toBe(true);
    expect(seen).toEqual([
      [cell, 0],
      [cell, 0b10],
    ]);
  });

  it("drops changes and locks on a rollback, and when the server ends the session", () => {
    const { database, row, cell } = open();
    for (const end of [() => database.rollback(0), () => database.endSession(0)]) {
      database.begin(0, ignore);
      database.lock(0, row, true);
      database.change(0, cell, "or", 0b10);
      end();
      expect([database.get(cell), database.canLock(1, row, true)]).toEqual([0, true]);
    }
    expect(database.sessionState(0)).toBe(SESSION.ended);
  });

  it("commits an open transaction when the session begins another one, as MySQL does", () => {
    const { database, cell } = open();
    database.change(0, cell, "or", 0b10);
    database.begin(0, ignore);
    expect(database.get(cell)).toBe(0b10);
  });

  it("keeps the locks of a lost client until the server ends its session", () => {
    const { database, row, cell } = open();
    const free = database.freeOrphans();
    database.lock(0, row, true);
    database.change(0, cell, "or", 0b10);
    database.orphan(0);
    expect([database.sessionState(0), database.freeOrphans()]).toEqual([SESSION.none, free - 1]);
    expect(database.canLock(0, row, false)).toBe(false);
    database.rollback(database.layout.firstOrphan);
    expect([database.canLock(0, row, true), database.get(cell), database.freeOrphans()]).toEqual([true, 0, free]);
  });
});
