import type { Orm } from "../orm.ts";
import { generateClient } from "./generate.ts";
import { settings, tuned } from "./settings.ts";

export const orm: Orm = {
  id: "prisma",
  packageName: "@prisma/client",
  packages: ["@prisma/client", "@prisma/adapter-mariadb", "prisma"],
  generatedFolder: "generated",
  colour: "#cc79a7",
  // An application contains the schema and runs `prisma generate` itself.
  sourceFiles: { include: ["schema.prisma"], exclude: ["generate.ts"] },
  class: "full",
  driver: "mariadb",
  capabilities: new Set(["bulk-insert", "bulk-update", "prepared-statements", "raw-sql"]),
  api: "native",
  settings,
  tuned,
  defaultPoolConnections: 10,
  // create: BEGIN, INSERT, SELECT, COMMIT; update: BEGIN, SELECT, UPDATE, SELECT, COMMIT
  statements: { insertOne: 4, insertMany: 1, updateOne: 5, updateWhere: 1, transaction: 2 },
  prepare: generateClient,
  connect: async (options) => (await import("./session.ts")).connect(options),
  errorNumber,
};

/** Prisma wraps the server's error. P2034 is its code for a deadlock; otherwise `meta` contains the driver's error. */
function errorNumber(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  if ("code" in error && error.code === "P2034") return 1213;
  const cause = (error as { meta?: { driverAdapterError?: { cause?: { originalCode?: string; code?: number } } } }).meta
    ?.driverAdapterError?.cause;
  const number = Number(cause?.originalCode ?? cause?.code);
  return Number.isInteger(number) ? number : undefined;
}
