import { lying } from "./lying.ts";

/** Updates users by REPLACE, which deletes a row and inserts another: the columns that it does not name are lost. */
export const strategy = lying("replaces-users", (real) => ({
  async updateWhere(table, filter, changes) {
    const ids = "id" in filter ? filter.id : undefined;
    if (!Array.isArray(ids) || !("grade" in changes) || !("gradeChangedAt" in changes)) {
      await real.updateWhere(table, filter, changes);
      return;
    }
    for (const id of ids as readonly number[])
      await real.execute("REPLACE INTO users (id, name, grade, grade_changed_at, created_at) VALUES (?, '', ?, ?, ?)", [
        id,
        changes.grade,
        changes.gradeChangedAt,
        changes.gradeChangedAt,
      ]);
  },
}));
