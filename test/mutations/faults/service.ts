/** Faults of the reference service and of the check of its history. */
import type { Mutation } from "../mutation.ts";

export const SERVICE: readonly Mutation[] = [
  {
    id: "drain-order",
    fault: "The inbox applies a user's last write first.",
    file: "api/inbox/drain.ts",
    find: 'hasFault("inbox-unordered") ? "DESC" : "ASC"',
    replace: '"DESC"',
    tests: ["test/api/batch.test.ts", "test/api/server.test.ts"],
  },
  {
    id: "flag-lease",
    fault: "A hint outlives the lease of the last poll.",
    file: "api/cluster/hints.ts",
    find: "this.#parts.areKept === true || this.#now() < this.#untilMs",
    replace: "this.#untilMs > Number.NEGATIVE_INFINITY",
    tests: ["test/api/guards.test.ts"],
    before: {
      file: "api/guards/memory-flag.ts",
      find: "(everyone || flagged.has(userId)) && now() < leaseUntil",
      replace: "everyone || flagged.has(userId)",
    },
  },
  {
    id: "round-marker",
    fault: "A round writes users that another round has written.",
    file: "api/batch/round.ts",
    find: "locked.filter(({ id }) => !done.has(id))",
    replace: "locked.filter(({ id }) => !done.has(-id))",
    tests: ["test/api/held-members.test.ts"],
    before: null,
  },
  {
    id: "closed-window",
    fault: "An order gets a time within a window that is closed.",
    file: "api/writes/cut-off.ts",
    find: "GREATEST(UTC_TIMESTAMP(6), not_before) AS now",
    replace: "UTC_TIMESTAMP(6) AS now",
    tests: ["test/api/keys.test.ts"],
    before: null,
  },
  {
    id: "stored-key",
    fault: "A stored write does not reserve its key.",
    file: "api/inbox/accept.ts",
    find: '      if (!hasFault("no-key-in-accept")) await reserveKey(transaction, write);\n',
    replace: "",
    tests: ["test/api/keys.test.ts"],
    before: null,
  },
  {
    id: "inbox-unknown-user",
    fault: "The inbox stores a write of a user who does not exist.",
    file: "api/inbox/accept.ts",
    find: "if (users.length === 0) throw",
    replace: "if (users.length < 0) throw",
    tests: ["test/api/batch.test.ts", "test/api/fuzz.test.ts", "test/api/server.test.ts", "test/api/contract.test.ts"],
  },
  {
    id: "rule-accepted",
    fault: "The consistency check overlooks a stored write that waits for ever.",
    file: "consistency/rules/accepted-once.ts",
    find: 'if (stored.status === "pending") return "still waits";',
    replace: 'if (stored.status === "pending") return null;',
    tests: ["test/consistency/rules.test.ts"],
  },
];
