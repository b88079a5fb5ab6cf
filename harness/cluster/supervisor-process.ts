/** The supervisor of a detached cluster: it ends after `bench api cluster down`, SIGINT or SIGTERM. */
import { once } from "node:events";
import { BenchError, reasonOf } from "../../lib/errors.ts";
import { createLog } from "../../lib/log.ts";
import { openDatabase } from "../database/index.ts";
import { serviceTarget } from "../scenario/service-data.ts";
import type { DetachedStart, FromSupervisor } from "./detached-messages.ts";
import { superviseCluster } from "./supervisor.ts";

const log = createLog("verbose");
const controller = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => controller.abort(new Error(`ended by ${name}`)));
// the terminal that started the cluster may close
process.on("SIGHUP", () => {});

const send = (message: FromSupervisor): void => void process.send?.(message);

const [start] = (await once(process, "message")) as [DetachedStart];
try {
  await using database = await openDatabase(start.database, { log, schema: start.schema, signal: controller.signal });
  const service = { ...start.service, target: serviceTarget(database) };
  const end = await superviseCluster(
    { ...start.cluster, service },
    { log, signal: controller.signal, onReady: (url) => send({ type: "started", url }) },
  );
  log.info(`the cluster ended (${end})`);
} catch (error) {
  const known = error instanceof BenchError ? error : new BenchError("SERVICE_FAILED", reasonOf(error));
  log.warn(`${known.code}: ${known.message}`);
  send({ type: "refused", code: known.code, message: known.message, fix: known.fix });
  process.exitCode = known.exitCode;
}
if (process.connected) process.disconnect();
