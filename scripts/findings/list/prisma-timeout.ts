import { existsSync } from "node:fs";
import { ROOT } from "../../readme/runs.ts";
import type { Finding } from "../finding.ts";

const TEST = "test/orms/prisma-timeout.test.ts";

export const finding: Finding = {
  topic: "libraries",
  order: 5,
  isHighlight: false,
  belief: "A transaction that fails leaves no rows.",
  runs: [],
  test: TEST,
  holds: () => existsSync(new URL(TEST, ROOT)),
  text: () => ({
    sentence:
      "A transaction of Prisma over its timeout fails with P2028, and a statement that it was preparing still commits its rows.",
    numbers: [
      "Prisma rolls back the earlier statements, and then sends the late one without a transaction.",
      "The default timeout is 5 s: large chunks reach it.",
    ],
  }),
};
