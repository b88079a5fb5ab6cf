import { asLogged, isAsSent, named, type Rule } from "../rule.ts";

/** The other way round than the rules that begin with what clients know: what nobody asked for must not take effect either. */
export const rule: Rule = {
  id: "log-was-sent",
  says: "every write in the log was sent, as it stands there, and stands there once",
  violations({ history, logRows }) {
    const sent = new Map(history.map((entry) => [entry.token.toLowerCase(), entry]));
    return [...Map.groupBy(logRows, ({ token }) => token)].flatMap(([token, rows]) => {
      const entry = sent.get(token);
      if (entry === undefined) return rows.map((row) => `${token}, which nobody sent, is in the log as ${asLogged(row)}`);
      const once = rows.length === 1 ? [] : [`${named(entry)} is in the log ${rows.length} times`];
      // of one that was acknowledged as done `acknowledged-once` says it
      const others = entry.result === "applied" ? [] : rows.filter((row) => !isAsSent(row, entry));
      return [...once, ...others.map((row) => `${named(entry)} is logged as ${asLogged(row)}`)];
    });
  },
};
