import { asLogged, isAsSent, named, type Rule } from "../rule.ts";

export const rule: Rule = {
  id: "acknowledged-once",
  says: "every write that was acknowledged as done is in the log, as it was sent",
  violations: ({ history, log }) =>
    history.flatMap((entry) => {
      if (entry.result !== "applied") return [];
      const row = log.get(entry.token.toLowerCase());
      if (row === undefined) return [`${named(entry)} is in no log`];
      if (row.outcome !== "applied") return [`${named(entry)} was refused`];
      return isAsSent(row, entry) ? [] : [`${named(entry)} is logged as ${asLogged(row)}`];
    }),
};
