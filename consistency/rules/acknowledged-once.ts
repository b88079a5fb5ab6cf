import { asLogged, isAsSent, named, type Rule } from "../rule.ts";

export const rule: Rule = {
  id: "acknowledged-once",
  says: "every write that was acknowledged as applied is in the log, with the content that the client sent",
  violations: ({ history, log }) =>
    history.flatMap((entry) => {
      if (entry.result !== "applied") return [];
      const row = log.get(entry.token.toLowerCase());
      if (row === undefined) return [`${named(entry)} has no log row`];
      if (row.outcome !== "applied") return [`${named(entry)} was refused`];
      return isAsSent(row, entry) ? [] : [`${named(entry)} is logged as ${asLogged(row)}`];
    }),
};
