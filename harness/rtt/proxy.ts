/** Starts and controls a latency proxy: a process between the measured process and the server. */
import { BenchError } from "../../lib/errors.ts";
import { failuresOf, NodeProcess } from "../../lib/node-process.ts";
import type { FromProxy, ProxyTask, ToProxy, TurnCounts } from "./messages.ts";

const PROCESS = new URL("./proxy-process.ts", import.meta.url);
const FAILURES = failuresOf(
  (what) => new BenchError("PROXY_FAILED", `the latency proxy ${what}`, "run it again; without --add-rtt there is no proxy"),
);

export interface LatencyProxy extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** null if the process did not start */
  readonly pid: number | null;
  /** Sets all counts to 0. */
  reset(): Promise<void>;
  read(): Promise<TurnCounts>;
}

/** @param task the server and the latency to add @throws BenchError PROXY_FAILED */
export async function startLatencyProxy(task: ProxyTask): Promise<LatencyProxy> {
  const child = new NodeProcess<ToProxy, FromProxy>(PROCESS, { failures: FAILURES, stderr: "ignore" });
  try {
    const { port } = await child.request({ type: "start", task }, "listening");
    return {
      host: "127.0.0.1",
      port,
      pid: child.pid,
      reset: async () => void (await child.request({ type: "reset" }, "reset")),
      async read() {
        const { roundTrips, roundTripChain } = await child.request({ type: "read" }, "counts");
        return { roundTrips, roundTripChain };
      },
      [Symbol.asyncDispose]: () => child.stop(),
    };
  } catch (error) {
    await child.stop();
    throw error;
  }
}
