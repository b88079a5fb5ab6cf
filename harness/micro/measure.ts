/** Measures micro benchmarks by tinybench: what a case gives is checked first, and what is wrong gets no time. */
import { Bench } from "tinybench";
import { reasonOf } from "../../lib/errors.ts";
import type { MicroCase } from "../../orms/micro.ts";
import { median } from "../statistics/robust.ts";

const NS_PER_MS = 1e6;

export interface MicroResult {
  /** of the plug-in that it belongs to */
  readonly subject: string;
  readonly name: string;
  readonly unit: string;
  readonly unitsPerCall: number;
  readonly status: "ok" | "failed";
  readonly reason: string | null;
  readonly samples: number | null;
  /** per unit, of the median sample: single samples of microseconds are often interrupted */
  readonly medianNs: number | null;
  /** per unit */
  readonly meanNs: number | null;
  /** half of the mean's 95 % interval, as a fraction of it */
  readonly relativeMargin: number | null;
  readonly unitsPerSecond: number | null;
}

const nothing = { samples: null, medianNs: null, meanNs: null, relativeMargin: null, unitsPerSecond: null } as const;

/** @param timeMs how long a case is run, after a tenth of it for warming up */
export async function measureCase(subject: string, measured: MicroCase, timeMs: number): Promise<MicroResult> {
  const { name, unit, unitsPerCall, isAsync } = measured;
  const described = { subject, name, unit, unitsPerCall };
  const failed = (reason: string): MicroResult => ({ ...described, ...nothing, status: "failed", reason });
  try {
    const wrong = measured.check(await measured.run());
    if (wrong !== null) return failed(`wrong result: ${wrong}`);
    const bench = new Bench({ time: timeMs, warmupTime: timeMs / 10, iterations: 5, warmupIterations: 2, retainSamples: true });
    // said to be asynchronous or not: to find out by itself it would run the case when it is added
    bench.add(name, () => measured.run(), { async: isAsync });
    const [task] = await bench.run();
    const result = task?.result;
    // an error in a single call discards all samples
    if (result === undefined || result.state !== "completed")
      return failed(result?.state === "errored" ? reasonOf(result.error) : "not completed");
    const { latency } = result;
    // sorted by tinybench; of their order nothing may be said
    const medianMs = latency.samples === undefined ? latency.p50 : median(latency.samples);
    const medianNs = (medianMs * NS_PER_MS) / unitsPerCall;
    return {
      ...described,
      status: "ok",
      reason: null,
      samples: latency.samplesCount,
      medianNs,
      meanNs: (latency.mean * NS_PER_MS) / unitsPerCall,
      relativeMargin: latency.rme / 100,
      unitsPerSecond: 1e9 / medianNs,
    };
  } catch (error) {
    return failed(reasonOf(error));
  }
}
