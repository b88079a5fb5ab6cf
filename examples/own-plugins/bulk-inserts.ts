import { couponIssuesOf, gradeLogsOf, writeInChunks, type Strategy } from "orm-shootout/plugin";

export const strategy: Strategy = {
  id: "bulk-inserts",
  summary: "new rows in bulk, updates row by row, one transaction per chunk of users",
  requires: ["bulk-insert"],
  usesChunks: true,
  splitsByUsers: true,

  run: (context) =>
    writeInChunks(context, async (tx, pending) => {
      const { changedAt, phase } = context;
      await phase("badges", async () => {
        for (const { userId, categoryId, active } of pending.flatMap(({ badgeChanges }) => badgeChanges))
          await tx.updateOne("badges", { userId, categoryId }, { active, changedAt });
      });
      await phase("grades", async () => {
        for (const { userId, newGrade } of pending)
          await tx.updateOne("users", { id: userId }, { grade: newGrade, gradeChangedAt: changedAt });
        await tx.insertMany("gradeLogs", gradeLogsOf(pending));
      });
      await phase("coupons", () => tx.insertMany("couponIssues", couponIssuesOf(pending)));
    }),
};
