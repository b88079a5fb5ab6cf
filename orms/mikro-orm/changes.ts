/** What the native variants partition: rows are loaded as entities and changed in memory; a flush will write what differs. */
import type { PendingUser } from "../../strategies/steps.ts";
import type { MikroSession } from "./session.ts";

export async function changeBadges({ em, entities }: MikroSession, pending: readonly PendingUser[], changedAt: Date) {
  const changes = pending.flatMap(({ badgeChanges }) => badgeChanges);
  await em.find(
    entities.badges,
    changes.map(({ userId, categoryId }) => [userId, categoryId]),
  );
  for (const { userId, categoryId, active } of changes) {
    // out of the identity map, without a statement
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
