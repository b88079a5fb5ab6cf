/** The models of schema.prisma by the table names of this project. */
import type { KeyStorage, UpdateTable } from "../../workload/tables.ts";
import type { Prisma } from "./generated/client.ts";

export type Db = Prisma.TransactionClient;

/** The operations of a model that the job needs. The types of `UpdateRows` already check the properties. */
interface Model {
  create(args: { data: object }): Prisma.PrismaPromise<unknown>;
  createMany(args: { data: readonly object[] }): Prisma.PrismaPromise<unknown>;
  update(args: { where: object; data: object }): Prisma.PrismaPromise<unknown>;
  updateMany(args: { where: object; data: object }): Prisma.PrismaPromise<unknown>;
}

export type Models = Readonly<Record<UpdateTable, Model>>;

export function modelsOf(db: Db, storage: KeyStorage): Models {
  const growing = {
    identity: { gradeLogs: db.gradeLogIdentity, couponIssues: db.couponIssueIdentity },
    bin16: { gradeLogs: db.gradeLogBin16, couponIssues: db.couponIssueBin16 },
    char36: { gradeLogs: db.gradeLogChar36, couponIssues: db.couponIssueChar36 },
  };
  return { users: db.user, badges: db.badge, ...growing[storage] } as unknown as Models;
}
