/** Faults of the reference service and of the check of its history. */
import type { Mutation } from "../mutation.ts";

export const SERVICE: readonly Mutation[] = [
  {
    id: "drain-order",
    fault: "The inbox applies a user's last write first.",
    file: "api/inbox/drain.ts",
    find: 'faults.includes("inbox-unordered") ? "DESC" : "ASC"',
    replace: '"DESC"',
    tests: ["test/api/batch.test.ts", "test/api/server.test.ts"],
  },
  {
    id: "flag-lease",
    fault: "A flag outlives the lease of a batch that is gone.",
    file: "api/guards/memory-flag.ts",
    find: "(everyone || flagged.has(userId)) && now() < leaseUntil",
    replace: "everyone || flagged.has(userId)",
    tests: ["test/api/guards.test.ts"],
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
