/** The proxies of a run: one for each added round-trip time, calibrated before the first sample. */
import { describeTarget, type ConnectionTarget } from "../../lib/target.ts";
import type { Log } from "../../lib/log.ts";
import { median } from "../statistics/robust.ts";
import { delayWarning, roundTripTimesMs } from "./calibration.ts";
import { startLatencyProxy, type LatencyProxy } from "./proxy.ts";

/** One added round-trip time as it was found to be. */
interface RttPoint {
  /** as asked for */
  readonly askedMs: number;
  /** median round trip of an empty query through its proxy: the total that cells see */
  readonly roundTripMs: number;
  /** over the proxy without delay */
  readonly addedMs: number;
}

interface Route {
  readonly proxy: LatencyProxy;
  readonly point: RttPoint;
  readonly warning: string | null;
}

export interface Routes extends AsyncDisposable {
  readonly points: readonly RttPoint[];
  /** @throws where no proxy was opened for it */
  through(addedRttMs: number): Route;
}

/** @param addedRtts in milliseconds; the proxy without delay is always among them, as the others' baseline; none: no proxy */
export async function openRoutes(target: ConnectionTarget, addedRtts: readonly number[], log: Log): Promise<Routes> {
  await using stack = new AsyncDisposableStack();
  const routes = new Map<number, Route>();
  const asked = addedRtts.length === 0 ? [] : [...new Set([0, ...addedRtts])].toSorted((a, b) => a - b);
  let baselineMs = 0;
  for (const askedMs of asked) {
    const proxy = stack.use(await startLatencyProxy({ host: target.host, port: target.port, delayMs: askedMs }));
    const roundTripMs = median(await roundTripTimesMs(throughProxy(target, proxy)));
    if (askedMs === 0) baselineMs = roundTripMs;
    const addedMs = roundTripMs - baselineMs;
    const warning = delayWarning(askedMs, addedMs);
    log.detail(`latency proxy to ${describeTarget(target)}: ${askedMs} ms asked, ${addedMs.toFixed(2)} ms added`);
    routes.set(askedMs, { proxy, point: { askedMs, roundTripMs, addedMs }, warning });
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

/** The same server by another way. A certificate is still checked against the server's own name. */
export const throughProxy = (
  target: ConnectionTarget,
  { host, port }: Pick<LatencyProxy, "host" | "port">,
): ConnectionTarget => ({
  ...target,
  host,
  port,
  tls: target.tls === null ? null : { ...target.tls, identity: target.host },
});
