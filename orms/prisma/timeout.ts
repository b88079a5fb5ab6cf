/** Names the setting that fixes a transaction over Prisma's limits. */

/** P2028: the transaction took longer than `timeout`, or waited longer than `maxWait` for a connection. */
export function explainTimeout(error: unknown): never {
  if (!(error instanceof Error) || !("code" in error) || error.code !== "P2028") throw error;
  throw new Error(`${error.message} Set transactionOptions of PrismaClient, as --track tuned does.`, { cause: error });
}
