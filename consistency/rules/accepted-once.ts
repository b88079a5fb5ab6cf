import { named, type Rule } from "../rule.ts";

export const rule: Rule = {
  id: "accepted-once",
  says: "every write that was accepted was taken out of the inbox once, and none waits there for ever; a redemption alone may be refused then",
  violations({ history, log, inbox }) {
    const waiting = [...inbox.values()].filter(({ status }) => status === "pending");
    const known = new Set(history.map(({ token }) => token.toLowerCase()));
    return [
      ...history.flatMap((entry) => {
        if (entry.result !== "accepted") return [];
        const token = entry.token.toLowerCase();
        const [stored, done] = [inbox.get(token), log.get(token)];
        if (stored === undefined) return [`${named(entry)} is not in the inbox`];
        if (stored.status === "pending") return [`${named(entry)} still waits`];
        if (done === undefined) return [`${named(entry)} was taken out of the inbox and is in no log`];
        // a coupon may be gone by then; nothing can speak against a badge or an order of a user who is there
        if (done.outcome === "refused" && entry.kind !== "redeem") return [`${named(entry)} was refused when its turn came`];
        return done.via === "inbox" && done.outcome === stored.status
          ? []
          : [`${named(entry)} is ${stored.status} in the inbox and ${done.outcome} (${done.via}) in the log`];
      }),
      // of clients that got no answer
      ...waiting
        .filter(({ token }) => !known.has(token))
        .map(({ token, userId }) => `${token} of user ${userId}, which nobody sent, waits in the inbox`),
    ];
  },
};
