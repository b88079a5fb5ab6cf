/** The reference service in a process of its own, so that its time is not the client's. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { FromServer, ToServer } from "../../../api/messages.ts";
import type { ApiOptions } from "../../../api/options.ts";

const PROCESS = fileURLToPath(new URL("../../../api/process.ts", import.meta.url));

export interface ApiProcess extends AsyncDisposable {
  readonly url: string;
}

export async function startApiServer(options: ApiOptions): Promise<ApiProcess> {
  const child = fork(PROCESS, [], {
    serialization: "advanced",
    execArgv: ["--disable-warning=ExperimentalWarning"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  const exited = once(child, "exit");
  child.send({ type: "start", options } satisfies ToServer);
  const [said] = (await once(child, "message")) as [FromServer];
  if (said.type !== "ready") throw new Error(said.message);
  return {
    url: said.url,
    async [Symbol.asyncDispose]() {
      if (child.connected) child.send({ type: "close" } satisfies ToServer);
      await exited;
    },
  };
}
