/** Checks the statement of docs/updates.md about Prisma's timeout. A fixed Prisma fails this test, and the page needs another sentence then. */
import { PrismaMariaDb } from "@prisma/adapter-mariadb";
import { expect, it } from "vitest";
import { connect, execute, selectOne } from "../../lib/connection.ts";
import { PrismaClient } from "../../orms/prisma/generated/client.ts";
import { openTestSchema } from "../support/database.ts";

/** Prisma computes for longer than the timeout before it sends these rows. */
const ROWS = 4_000;
const TIMEOUT_MS = 100;

it("a transaction of Prisma over its timeout fails with P2028, and rows that it sent afterwards stay committed", async () => {
  await using schema = await openTestSchema("prisma_timeout", { create: true });
  const { host, port, user, password, schema: database } = schema.target;
  const admin = await connect(schema.target);
  await execute(
    admin,
    `CREATE TABLE grade_logs_identity (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, run_id INT UNSIGNED NOT NULL,
       user_id INT UNSIGNED NOT NULL, previous_grade VARCHAR(8) NOT NULL, new_grade VARCHAR(8) NOT NULL, changed_at DATETIME(6) NOT NULL)`,
  );
  const client = new PrismaClient({
    adapter: new PrismaMariaDb({ host, port, user, password, database, allowPublicKeyRetrieval: true }),
  });
  try {
    const rowsOf = (runId: number, rows: number) =>
      Array.from({ length: rows }, (_, userId) => ({ runId, userId, previousGrade: "a", newGrade: "b", changedAt: new Date() }));
    const attempt = async (): Promise<unknown> => {
      await execute(admin, "TRUNCATE grade_logs_identity");
      const failing = client.$transaction(
        async (tx) => {
          await tx.gradeLogIdentity.createMany({ data: rowsOf(1, 1) });
          await tx.gradeLogIdentity.createMany({ data: rowsOf(2, ROWS) });
        },
        { timeout: TIMEOUT_MS },
      );
      await expect(failing).rejects.toMatchObject({ code: "P2028" });
      return await selectOne(
        admin,
        "SELECT COUNT(IF(run_id = 1, 1, NULL)) AS first, COUNT(IF(run_id = 2, 1, NULL)) AS second FROM grade_logs_identity",
      );
    };
    // On a busy machine the insert of the first row can outlast the timeout, and is then the late statement.
    await expect.poll(attempt, { interval: 20 }).toEqual({ first: 0, second: ROWS });
  } finally {
    await client.$disconnect();
    await admin.end();
  }
});
