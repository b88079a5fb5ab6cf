/** A library that opens two connections, however many it may. */
import { orm as mysql2 } from "../../orms/mysql2/index.ts";
import type { Orm } from "../../orms/orm.ts";

export const orm: Orm = {
  ...mysql2,
  id: "small-pool",
  connect: (options) => mysql2.connect({ ...options, poolConnections: 2 }),
};
