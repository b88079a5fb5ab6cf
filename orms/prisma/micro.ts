/** Prisma without a server: its query compiler and its mapping of rows, on an adapter that returns at once. */
import type { PrismaMariaDb } from "@prisma/adapter-mariadb";
import { gradeLogRows, type Micro } from "../micro.ts";
import { generateClient } from "./generate.ts";

type Factory = Pick<PrismaMariaDb, "provider" | "adapterName" | "connect">;
type ResultSet = Awaited<ReturnType<Awaited<ReturnType<Factory["connect"]>>["queryRaw"]>>;

const ROWS = 500;
/** A 32-bit integer in the protocol of the adapters. */
const INT32 = 0;
const BADGES: ResultSet = {
  columnNames: ["user_id", "category_id", "active"],
  columnTypes: [INT32, INT32, INT32],
  rows: Array.from({ length: ROWS }, (_, index) => [index + 1, index % 5, 1]),
};

const adapter = {
  provider: "mysql",
  adapterName: "answers-at-once",
  connect: async () => ({
    provider: "mysql",
    adapterName: "answers-at-once",
    queryRaw: async () => BADGES,
    executeRaw: async () => ROWS,
    executeScript: async () => {},
    startTransaction: async () => {
      throw new Error("the adapter for micro benchmarks supports no transactions");
    },
    dispose: async () => {},
  }),
} as unknown as Factory;

export const micro: Micro = {
  id: "prisma",
  summary: "Prisma: compiling createMany, and mapping the rows of findMany",
  packages: ["@prisma/client", "prisma"],
  async cases() {
    await generateClient();
    const { PrismaClient } = await import("./generated/client.ts");
    const client = new PrismaClient({ adapter: adapter as PrismaMariaDb });
    const data = gradeLogRows(ROWS).map(({ runId, userId, previousGrade, newGrade, changedAt }) => ({
      runId,
      userId,
      previousGrade,
      newGrade,
      changedAt,
    }));
    return [
      {
        name: `createMany of ${ROWS} rows`,
        unit: "row",
        unitsPerCall: ROWS,
        isAsync: true,
        run: () => client.gradeLogIdentity.createMany({ data }),
        check: (result) => ((result as { count: number }).count === ROWS ? null : JSON.stringify(result)),
      },
      {
        name: `findMany that gets ${ROWS} rows`,
        unit: "row",
        unitsPerCall: ROWS,
        isAsync: true,
        run: () => client.badge.findMany({ select: { userId: true, categoryId: true, active: true } }),
        check(result) {
          const rows = result as { userId: number; active: boolean }[];
          return rows.length === ROWS && rows[0]?.userId === 1 && rows[0].active ? null : `mapped to ${JSON.stringify(rows[0])}`;
        },
      },
    ];
  },
};
