import { col, fn, Op, where } from "sequelize";
import type { Residue } from "../residue.ts";

/** A condition on the remainder of a column; nothing without a remainder. */
export const ofResidue = (column: string, only?: Residue) =>
  only === undefined ? {} : { [Op.and]: [where(fn("MOD", col(column), only.divisor), only.remainder)] };
