/** A library that names a driver which it does not use. */
import { orm as mysql2 } from "../../orms/mysql2/index.ts";
import type { Orm } from "../../orms/orm.ts";

export const orm: Orm = { ...mysql2, id: "names-another-driver", driver: "pg" };
