/** Measures micro benchmarks with tinybench. A case with a wrong result gets no time. */
import { Bench } from "tinybench";
import { reasonOf } from "../../lib/errors.ts";
import type { MicroCase } from "../../orms/micro.ts";
import { median } from "../statistics/quantiles.ts";

const NS_PER_MS = 1e6;

export interface MicroResult {
  /** id of the plug-in that defines the case */
  readonly subject: string;
  readonly name: string;
  readonly unit: string;
  readonly unitsPerCall: number;
  readonly status: "ok" | "failed";
  readonly reason: string | null;
  readonly samples: number | null;
  /** per unit, from the median sample: interruptions distort the mean of samples that take microseconds */
  readonly medianNs: number | null;
  /** per unit */
  readonly meanNs: number | null;
  /** half-width of the 95 % interval of the mean, as a fraction of the mean */
  readonly relativeMargin: number | null;
  readonly unitsPerSecond: number | null;
}

const nothing = { samples: null, medianNs: null, meanNs: null, relativeMargin: null, unitsPerSecond: null } as const;

/** @param timeMs time to run the case, after a warm-up of a tenth of it */
export async function measureCase(subject: string, measured: MicroCase, timeMs: number): Promise<MicroResult> {
  const { name, unit, unitsPerCall, isAsync } = measured;
  const described = { subject, name, unit, unitsPerCall };
  const failed = (reason: string): MicroResult => ({ ...described, ...nothing, status: "failed", reason });
  try {
    const wrong = measured.check(await measured.run());
    if (wrong !== null) return failed(`wrong result: ${wrong}`);
    const bench = new Bench({ time: timeMs, warmupTime: timeMs / 10, iterations: 5, warmupIterations: 2, retainSamples: true });
    // without `async`, tinybench would run the case once in add() to find out
    bench.add(name, () => measured.run(), { async: isAsync });
    const [task] = await bench.run();
    const result = task?.result;
    // tinybench discards all samples after an error in one call
    if (result === undefined || result.state !== "completed")
      return failed(result?.state === "errored" ? reasonOf(result.error) : "tinybench did not complete the case");
    const { latency } = result;
    // tinybench sorts the samples
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
