/** A fault of the protocol: it must break a rule in its world, or the model has no power to find such a fault. */
import { PROTOCOL, type Changes } from "../changes.ts";
import type { Invariant } from "../invariants.ts";
import type { World } from "../world.ts";

export interface Mutant {
  readonly id: string;
  /** the sentence of the protocol that is taken out */
  readonly without: string;
  readonly changes: Partial<Changes>;
  /** as small as the violation permits */
  readonly world: World;
  /** the rule that the shortest schedule breaks */
  readonly violates: Invariant;
}

export const changesOf = ({ changes }: Mutant): Changes => ({ ...PROTOCOL, ...changes });
