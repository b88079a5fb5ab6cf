import { named, type Rule } from "../rule.ts";

export const rule: Rule = {
  id: "refused-nowhere",
  says: "no definitely refused write took effect or waits in the inbox",
  violations: ({ history, log, inbox }) =>
    history.flatMap((entry) => {
      if (entry.result !== "refused") return [];
      const token = entry.token.toLowerCase();
      if (log.get(token)?.outcome === "applied") return [`${named(entry)} took effect`];
      return inbox.has(token) ? [`${named(entry)} is in the inbox`] : [];
    }),
};
