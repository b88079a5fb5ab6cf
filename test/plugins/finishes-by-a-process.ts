/** A second process with a session writes the last row, after the library has reported the end and bench has stopped the first process. */
import { fork } from "node:child_process";
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { createConnection } from "mysql2/promise";
import { orm as mysql2 } from "../../orms/mysql2/index.ts";
import type { Orm, OrmSession } from "../../orms/orm.ts";

const POLL_MS = 1;
const PAUSE_MS = 25;
const LAST = /^UPDATE step_execution_log SET finished_at/;

interface Task {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

async function finishWhenStopped(task: Task): Promise<void> {
  const session = await createConnection(task);
  process.send?.("connected");
  const isRunning = async (): Promise<boolean> => /\) [RSD] /.test(await readFile(`/proc/${process.ppid}/stat`, "utf8"));
  while (await isRunning()) await delay(POLL_MS);
  await delay(PAUSE_MS);
  await session.query("UPDATE step_execution_log SET finished_at = UTC_TIMESTAMP(6) WHERE finished_at IS NULL");
}

if (process.argv[2] === "finish") process.on("message", (task: Task) => void finishWhenStopped(task));

export const orm: Orm = {
  ...mysql2,
  id: "finishes-by-a-process",
  async connect(options) {
    const session = await mysql2.connect(options);
    const { host, port, user, password, schema } = options.target;
    if (schema.endsWith("_scratch")) return session;
    const helper = fork(import.meta.filename, ["finish"], { stdio: "ignore" });
    const connected = new Promise((resolve) => helper.once("message", resolve));
    helper.send({ host, port, user, password, database: schema } satisfies Task);
    await connected;
    const own = session.execute.bind(session);
    const execute: OrmSession["execute"] = async (sql, params) => {
      if (!LAST.test(sql)) await own(sql, params);
    };
    return Object.assign(session, { execute });
  },
};
