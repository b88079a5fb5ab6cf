import { And, Between, Raw, type FindOperator } from "typeorm";
import type { Residue } from "../residue.ts";

/** The users of a span, or those of one remainder. TypeORM has no operator for a remainder, so `Raw` writes its condition. */
export function usersIn(firstId: number, lastId: number, only?: Residue): FindOperator<number> {
  const span = Between(firstId, lastId);
  return only === undefined
    ? span
    : And(
        span,
        Raw((column) => `MOD(${column}, ${only.divisor}) = ${only.remainder}`),
      );
}
