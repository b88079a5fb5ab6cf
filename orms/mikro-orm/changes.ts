/** What the own ways share: rows are loaded as entities and changed in memory; a flush will write what differs. */
import type { PendingUser } from "../../strategies/steps.ts";
import { explainHangUp } from "../hang-up.ts";
import type { MikroSession } from "./session.ts";

export async function changeBadges({ em, entities }: MikroSession, pending: readonly PendingUser[], changedAt: Date) {
  const changes = pending.flatMap(({ badgeChanges }) => badgeChanges);
  const keys = changes.map(({ userId, categoryId }): [number, number] => [userId, categoryId]);
  await explainHangUp(keys.length, em.find(entities.badges, keys), "keys");
  for (const { userId, categoryId, active } of changes) {
    // out of the identity map, without a statement
    Object.assign(em.getReference(entities.badges, [userId, categoryId]), { active, changedAt });
  }
}

export async function changeUsers({ em, entities }: MikroSession, pending: readonly PendingUser[], changedAt: Date) {
  const ids = pending.map(({ userId }) => userId);
  await explainHangUp(ids.length, em.find(entities.users, ids), "keys");
  for (const { userId, newGrade } of pending) {
    Object.assign(em.getReference(entities.users, userId), { grade: newGrade, gradeChangedAt: changedAt });
  }
}

/** Writes all that has changed or was created of these users, in as many statements as the library finds right. */
export const flush = ({ em }: MikroSession, pending: readonly PendingUser[]) =>
  explainHangUp(pending.length, em.flush(), "users' rows");
