/** Stops a member at the point that two faults share. */
import type { Stage } from "./fault.ts";
import type { ChaosMember } from "./member.ts";
import { insideTransaction } from "./proxy/points.ts";

/** SIGSTOP of a member inside its transaction, with a statement under way. @returns null if no member reached the point */
export async function stopInTransaction(stage: Stage): Promise<ChaosMember | null> {
  const victim = stage.victim();
  const held = await stage.reach(victim, insideTransaction, stage.draw(3));
  if (held === null) return null;
  stage.mark(`${victim.name} stopped inside its transaction`);
  victim.stop();
  held.pass();
  return victim;
}
