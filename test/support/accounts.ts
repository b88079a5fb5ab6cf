/** Accounts with few rights, on the running test server or another server. */
import { randomBytes, randomUUID } from "node:crypto";
import { accountGrants } from "../../harness/server-state/grants.ts";
import { connect, execute, selectOne } from "../../lib/connection.ts";
import type { ConnectionTarget } from "../../lib/target.ts";

/** Runs the output of `bench db grants` unchanged. Drops both schemas and the account at the end. */
export async function openGrantedAccount(
  target: ConnectionTarget,
  settings: { withCounts: boolean; change?: (grants: string) => string },
): Promise<{ readonly target: ConnectionTarget } & AsyncDisposable> {
  const user = `granted_${randomUUID().slice(0, 8)}`;
  const password = randomBytes(12).toString("base64url");
  const { change = (grants) => grants } = settings;
  const admin = await connect(target, { withSchema: false });
  await execute(admin, "CREATE USER ?@'%' IDENTIFIED BY ?", [user, password]);
  const grants = change(accountGrants({ user, host: "%", schema: target.schema }, settings.withCounts));
  for (const statement of grants.replaceAll(/^--.*$/gm, "").split(";"))
    if (statement.trim() !== "") await execute(admin, statement);
  return {
    target: { ...target, user, password },
    async [Symbol.asyncDispose]() {
      await execute(admin, "DROP USER ?@'%'", [user]);
      for (const schema of [target.schema, `${target.schema}_scratch`])
        await execute(admin, `DROP DATABASE IF EXISTS \`${schema}\``);
      await admin.end();
    },
  };
}

/** The accounts of measured processes that exist on the server now. */
export async function childAccounts(target: ConnectionTarget): Promise<number> {
  const connection = await connect(target, { withSchema: false });
  const { found } = await selectOne<{ found: number }>(
    connection,
    "SELECT COUNT(*) AS found FROM mysql.user WHERE user LIKE 'bench\\_child\\_%'",
  );
  await connection.end();
  return found;
}
