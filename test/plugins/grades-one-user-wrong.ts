import { lying } from "./lying.ts";

/** Updates every user and writes every log correctly, but gives one user a wrong grade. */
export const strategy = lying("grades-one-user-wrong", (real) => ({
  async updateWhere(table, filter, changes) {
    await real.updateWhere(table, filter, changes);
    const ids = "id" in filter ? filter.id : undefined;
    if (Array.isArray(ids) && "gradeChangedAt" in changes && changes.grade === "VIP")
      await real.updateOne("users", { id: ids[0] as number }, { grade: "GOLD", gradeChangedAt: changes.gradeChangedAt });
  },
}));
