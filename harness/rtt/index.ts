/** Starts one proxy per added round-trip time and calibrates it before the first sample. */
import { describeTarget, withAddress, type ConnectionTarget } from "../../lib/target.ts";
import type { Log } from "../../lib/log.ts";
import { median } from "../statistics/quantiles.ts";
import { delayWarning, roundTripTimesMs } from "./calibration.ts";
import { startLatencyProxy, type LatencyProxy } from "./proxy.ts";
import { milliseconds } from "../text/format.ts";

/** A calibrated round-trip time. */
interface RttPoint {
  /** requested added latency */
  readonly requestedMs: number;
  /** median round trip of an empty query through the proxy: the total for the cells */
  readonly roundTripMs: number;
  /** difference to the proxy without delay */
  readonly addedMs: number;
}

interface Route {
  readonly proxy: LatencyProxy;
  readonly point: RttPoint;
  readonly warning: string | null;
}

export interface Routes extends AsyncDisposable {
  readonly points: readonly RttPoint[];
  /** @throws Error without a proxy for this latency */
  through(addedRttMs: number): Route;
}

/** @param addedRtts in ms; the routes always include 0 ms as the reference. An empty list starts no proxy. */
export async function openRoutes(target: ConnectionTarget, addedRtts: readonly number[], log: Log): Promise<Routes> {
  await using stack = new AsyncDisposableStack();
  const routes = new Map<number, Route>();
  const delays = addedRtts.length === 0 ? [] : [...new Set([0, ...addedRtts])].toSorted((a, b) => a - b);
  let baselineMs = 0;
  for (const requestedMs of delays) {
    const proxy = stack.use(await startLatencyProxy({ ...addressOfServer(target), delayMs: requestedMs }));
    const roundTripMs = median(await roundTripTimesMs(throughProxy(target, proxy)));
    if (requestedMs === 0) baselineMs = roundTripMs;
    const addedMs = roundTripMs - baselineMs;
    const warning = delayWarning(requestedMs, addedMs);
    log.detail(`latency proxy to ${describeTarget(target)}: ${requestedMs} ms requested, ${milliseconds(addedMs, 2)} added`);
    routes.set(requestedMs, { proxy, point: { requestedMs, roundTripMs, addedMs }, warning });
  }
  const owned = stack.move();
  return {
    points: [...routes.values()].map(({ point }) => point),
    through(addedRttMs) {
      const route = routes.get(addedRttMs);
      if (route === undefined) throw new Error(`no proxy adds ${addedRttMs} ms`);
      return route;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The target behind the proxy. TLS still checks the certificate against the server's host name. */
export const throughProxy = (target: ConnectionTarget, proxy: Pick<LatencyProxy, "host" | "port">): ConnectionTarget => ({
  ...withAddress(target, proxy),
  tls: target.tls === null ? null : { ...target.tls, identity: target.host },
});

const addressOfServer = ({ host, port, socketPath }: ConnectionTarget) => ({
  host,
  port,
  ...(socketPath !== undefined && { socketPath }),
});
