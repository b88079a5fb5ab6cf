import { strategy as honest } from "../../strategies/set-based.ts";
import { onStatements } from "./lying.ts";

/** An off-by-one in the rules: more than 400,000 won in place of at least 400,000. */
export const strategy = onStatements(honest, "off-by-one", (sql) => sql.replace("SUM(amount) >= 400000", "SUM(amount) > 400000"));
