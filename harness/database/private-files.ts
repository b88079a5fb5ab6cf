/** The files of a private server beside its data: state, password, init file. */
import { randomBytes } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writing } from "../../lib/file-errors.ts";
import { processIdentitySchema, readJson } from "./processes.ts";

export const PRIVATE_USER = "bench";

/** Written as soon as the process exists, and kept after its end for the port. */
const stateSchema = z.object({
  process: processIdentitySchema,
  port: z.number().int(),
  manifest: z.string().nullable(),
});
export type ServerState = Readonly<z.infer<typeof stateSchema>>;

export interface PrivateFiles {
  readonly data: string;
  readonly state: string;
  readonly password: string;
  readonly log: string;
  readonly previousLog: string;
  readonly initFile: string;
}

export function filesIn(folder: string): PrivateFiles {
  return {
    data: join(folder, "data"),
    state: join(folder, "state.json"),
    password: join(folder, "password"),
    log: join(folder, "mysqld.log"),
    previousLog: join(folder, "mysqld.previous.log"),
    initFile: join(folder, "accounts.sql"),
  };
}

export function readState(files: PrivateFiles): Promise<ServerState | null> {
  return readJson(files.state, stateSchema);
}

export async function writeState(files: PrivateFiles, state: ServerState): Promise<void> {
  const draft = `${files.state}.tmp`;
  await writing(draft, writeFile(draft, JSON.stringify(state), { mode: 0o600 }));
  await rename(draft, files.state);
}

function newPassword(): string {
  return randomBytes(18).toString("base64url");
}

/** The password of {@link PRIVATE_USER}; the first call generates it. */
export async function ensurePassword(files: PrivateFiles): Promise<string> {
  const stored = (await readFile(files.password, "utf8").catch(() => "")).trim();
  if (stored !== "") return stored;
  const password = newPassword();
  await writing(files.password, writeFile(files.password, `${password}\n`, { mode: 0o600 }));
  return password;
}

/** The server runs this file at each start before it accepts connections, which repairs the accounts after any failure. */
export async function writeInitFile(files: PrivateFiles, password: string): Promise<void> {
  await rm(files.initFile, { force: true });
  const statements = [
    "SET SESSION sql_log_bin = 0;",
    `CREATE USER IF NOT EXISTS '${PRIVATE_USER}'@'%' IDENTIFIED BY '${password}';`,
    `ALTER USER '${PRIVATE_USER}'@'%' IDENTIFIED BY '${password}';`,
    `GRANT ALL ON *.* TO '${PRIVATE_USER}'@'%' WITH GRANT OPTION;`,
    // a random password disables root; the next start could set another one
    `ALTER USER 'root'@'localhost' IDENTIFIED BY '${newPassword()}';`,
  ];
  await writing(files.initFile, writeFile(files.initFile, `${statements.join("\n")}\n`, { mode: 0o600 }));
}
