import { isDeepStrictEqual } from "node:util";
import { named, type Rule } from "../rule.ts";

export const rule: Rule = {
  id: "acknowledged-once",
  says: "every write that was acknowledged as done is in the log, as it was sent",
  violations: ({ history, log }) =>
    history.flatMap((entry) => {
      if (entry.result !== "applied") return [];
      const row = log.get(entry.token.toLowerCase());
      if (row === undefined) return [`${named(entry)} is in no log`];
      if (row.outcome !== "applied") return [`${named(entry)} was refused`];
      const isSame = row.userId === entry.userId && row.kind === entry.kind && isDeepStrictEqual(row.body, { ...entry.body });
      return isSame ? [] : [`${named(entry)} is logged as ${row.kind} of user ${row.userId}: ${JSON.stringify(row.body)}`];
    }),
};
