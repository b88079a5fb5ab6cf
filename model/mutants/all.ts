import type { Mutant } from "./mutant.ts";
import { ROUND_MUTANTS } from "./rounds.ts";
import { START_MUTANTS } from "./starts.ts";
import { WRITE_MUTANTS } from "./writes.ts";

export const MUTANTS: readonly Mutant[] = [...ROUND_MUTANTS, ...START_MUTANTS, ...WRITE_MUTANTS];
