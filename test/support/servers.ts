/** Servers with custom settings, started as plain processes: the harness does not find, keep or stop them. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ensureDataFolder } from "../../harness/database/data-folder.ts";
import { freePort, LOOPBACK } from "../../harness/database/ports.ts";
import { ensureEmbeddedBinary } from "../../harness/database/providers/embedded.ts";
import { commonArguments } from "../../harness/database/server-binary.ts";
import { settingArguments } from "../../harness/database/settings.ts";
import { connect } from "../../lib/connection.ts";
import { silentLog } from "../../lib/log.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { makeDataFolder } from "./memory.ts";

const USER = "test_server";
const PASSWORD = "Test-server-1";
const READY_DEADLINE_MS = 300_000;
const POLL_MS = 50;

/** The server runs this at its start, before it accepts a connection. Both MySQL and MariaDB support this syntax. */
const ACCOUNT = [
  `CREATE USER '${USER}'@'%' IDENTIFIED BY '${PASSWORD}';`,
  `GRANT ALL ON *.* TO '${USER}'@'%' WITH GRANT OPTION;`,
].join("\n");

export interface PlainServer extends AsyncDisposable {
  readonly target: ConnectionTarget;
}

/**
 * Starts a server process and waits until it accepts connections.
 * @param folder used only by this server, deleted at the end
 * @param args without port, socket and init file
 */
export async function startPlainServer(command: string, args: readonly string[], folder: string): Promise<PlainServer> {
  const port = await freePort(0);
  const initFile = join(folder, "account.sql");
  await writeFile(initFile, `${ACCOUNT}\n`);
  const own = [`--bind-address=${LOOPBACK}`, `--port=${port}`, `--socket=server.sock`, `--init-file=${initFile}`];
  const child = spawn(command, [...args, ...own], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  const target = { host: LOOPBACK, port, user: USER, password: PASSWORD, schema: "orm_shootout", tls: null };
  try {
    await waitUntilReady(child, target, () => said);
  } catch (error) {
    await stop(child, folder);
    throw error;
  }
  return { target, [Symbol.asyncDispose]: () => stop(child, folder) };
}

async function waitUntilReady(child: ChildProcess, target: ConnectionTarget, said: () => string): Promise<void> {
  const deadline = performance.now() + READY_DEADLINE_MS;
  for (;;) {
    const connection = await connect(target, { withSchema: false }).catch(() => null);
    if (connection !== null) {
      await connection.end();
      return;
    }
    if (child.exitCode !== null || performance.now() > deadline)
      throw new Error(`the server did not start:\n${said().split("\n").slice(-15).join("\n")}`);
    await delay(POLL_MS);
  }
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    await exited;
  }
  await rm(folder, { recursive: true, force: true });
}

/** The embedded MySQL with other settings, on fresh data. @param settings as arguments; later ones win */
export async function startMysqlWith(settings: readonly string[]): Promise<PlainServer> {
  const folder = await makeDataFolder("mysql-");
  const binary = await ensureEmbeddedBinary(silentLog);
  const data = join(folder, "data");
  await ensureDataFolder(binary, data, silentLog);
  const args = [...commonArguments(binary), `--datadir=${data}`, ...settingArguments("test"), ...settings];
  return startPlainServer(binary.command, args, folder);
}
