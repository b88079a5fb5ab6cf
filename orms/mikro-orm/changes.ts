/**
 * The steps that the native variants share: load rows as entities and change them in memory. A later flush writes the
 * differences.
 */
import type { PendingUser } from "../../strategies/steps.ts";
import type { MikroSession } from "./session.ts";

export async function changeBadges({ em, entities }: MikroSession, pending: readonly PendingUser[], changedAt: Date) {
  const changes = pending.flatMap(({ badgeChanges }) => badgeChanges);
  await em.find(
    entities.badges,
    changes.map(({ userId, categoryId }) => [userId, categoryId]),
  );
  for (const { userId, categoryId, active } of changes) {
    // Reads from the identity map, without a statement.
    Object.assign(em.getReference(entities.badges, [userId, categoryId]), { active, changedAt });
  }
}

export async function changeUsers({ em, entities }: MikroSession, pending: readonly PendingUser[], changedAt: Date) {
  await em.find(
    entities.users,
    pending.map(({ userId }) => userId),
  );
  for (const { userId, newGrade } of pending) {
    Object.assign(em.getReference(entities.users, userId), { grade: newGrade, gradeChangedAt: changedAt });
  }
}
