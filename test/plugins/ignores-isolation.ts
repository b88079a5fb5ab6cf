/** A library that does not apply the isolation of the cell. */
import { orm as mysql2 } from "../../orms/mysql2/index.ts";
import type { Orm } from "../../orms/orm.ts";

export const orm: Orm = {
  ...mysql2,
  id: "ignores-isolation",
  connect: (options) => mysql2.connect({ ...options, isolation: null }),
};
