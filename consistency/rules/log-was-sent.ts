import { asLogged, isAsSent, named, type Rule } from "../rule.ts";

/** The reverse of the rules that start from the clients' history: a write that no client sent must not take effect. */
export const rule: Rule = {
  id: "log-was-sent",
  says: "every write in the log was sent with the logged content, and is in the log once",
  violations({ history, logRows }) {
    const sent = new Map(history.map((entry) => [entry.token.toLowerCase(), entry]));
    return [...Map.groupBy(logRows, ({ token }) => token)].flatMap(([token, rows]) => {
      const entry = sent.get(token);
      if (entry === undefined) return rows.map((row) => `${token}, which no client sent, is in the log as ${asLogged(row)}`);
      const once = rows.length === 1 ? [] : [`${named(entry)} is in the log ${rows.length} times`];
      // For writes that were acknowledged as applied, `acknowledged-once` reports a difference.
      const others = entry.result === "applied" ? [] : rows.filter((row) => !isAsSent(row, entry));
      return [...once, ...others.map((row) => `${named(entry)} is logged as ${asLogged(row)}`)];
    });
  },
};
