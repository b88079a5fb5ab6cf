import { lying } from "./lying.ts";

/** Every user is updated, every log is right; one user gets the grade of others. */
export const strategy = lying("grades-one-user-wrong", (real) => ({
  async updateWhere(table, filter, changes) {
    await real.updateWhere(table, filter, changes);
    const ids = "id" in filter ? filter.id : undefined;
    if (Array.isArray(ids) && "gradeChangedAt" in changes && changes.grade === "VIP")
      await real.updateOne("users", { id: ids[0] as number }, { grade: "GOLD", gradeChangedAt: changes.gradeChangedAt });
  },
}));
