import type { Finding } from "../finding.ts";

export const finding: Finding = {
  topic: "libraries",
  order: 5,
  isHighlight: false,
  belief: "A transaction that fails leaves no rows.",
  runs: [],
  test: {
    file: "test/orms/prisma-timeout.test.ts",
    title: "a transaction of Prisma over its timeout fails with P2028, and rows that it sent afterwards stay committed",
  },
  // the test shows it in each run of CI
  holds: () => true,
  text: () => ({
    sentence:
      "A transaction of Prisma over its timeout fails with P2028, and a statement that it was preparing still commits its rows.",
    numbers: [
      "Prisma rolls back the earlier statements, and then sends the late one without a transaction.",
      "The default timeout is 5 s: large chunks reach it.",
    ],
  }),
};
