/** Starts and controls a latency proxy: a process between the measured process and the server. */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { BenchError } from "../../lib/errors.ts";
import type { FromProxy, ProxyTask, ToProxy, TurnCounts } from "./messages.ts";

const PROCESS = fileURLToPath(new URL("./proxy-process.ts", import.meta.url));
/** Node strips no types under node_modules, where an installed bench lies. */
const STRIP_TYPES = import.meta.url.includes("/node_modules/")
  ? ["--import", new URL("../../bin/strip-types.mjs", import.meta.url).href]
  : [];

type Answer<Type extends FromProxy["type"]> = Extract<FromProxy, { type: Type }>;

export interface LatencyProxy extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** null if the process did not start */
  readonly pid: number | null;
  /** Sets all counts to 0. */
  reset(): Promise<void>;
  read(): Promise<TurnCounts>;
}

/** @throws BenchError PROXY_FAILED */
async function ask<Type extends FromProxy["type"]>(child: ChildProcess, message: ToProxy, type: Type): Promise<Answer<Type>> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer<Type>>();
  const failed = (what: string): void =>
    reject(new BenchError("PROXY_FAILED", `the latency proxy ${what}`, "run it again; without --add-rtt there is no proxy"));
  const onMessage = (answer: FromProxy): void => {
    if (answer.type === type) resolve(answer as Answer<Type>);
    else if (answer.type === "failed") failed(`failed: ${answer.message}`);
  };
  const onExit = (code: number | null, signal: string | null): void =>
    failed(`ended by itself (${signal ?? `exit code ${code}`})`);
  child.on("message", onMessage);
  child.once("exit", onExit);
  if (child.exitCode !== null || child.signalCode !== null) onExit(child.exitCode, child.signalCode);
  else child.send(message);
  try {
    return await promise;
  } finally {
    child.off("message", onMessage);
    child.off("exit", onExit);
  }
}

/** @param task the server and the latency to add */
export async function startLatencyProxy(task: ProxyTask): Promise<LatencyProxy> {
  const child = fork(PROCESS, [], {
    execArgv: ["--disable-warning=ExperimentalWarning", ...STRIP_TYPES],
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.on("error", () => {});
  const dispose = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await exited;
  };
  try {
    const { port } = await ask(child, { type: "start", task }, "listening");
    return {
      host: "127.0.0.1",
      port,
      pid: child.pid ?? null,
      reset: async () => void (await ask(child, { type: "reset" }, "reset")),
      async read() {
        const { roundTrips, roundTripChain } = await ask(child, { type: "read" }, "counts");
        return { roundTrips, roundTripChain };
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}
