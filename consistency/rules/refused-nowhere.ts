import { named, type Rule } from "../rule.ts";

export const rule: Rule = {
  id: "refused-nowhere",
  says: "no write that was definitely refused took effect, or waits to",
  violations: ({ history, log, inbox }) =>
    history.flatMap((entry) => {
      if (entry.result !== "refused") return [];
      const token = entry.token.toLowerCase();
      if (log.get(token)?.outcome === "applied") return [`${named(entry)} took effect`];
      return inbox.has(token) ? [`${named(entry)} is in the inbox`] : [];
    }),
};
