import { quantile } from "../../harness/statistics/quantiles.ts";
import { medianTimeOf, ratioOf, type PerfMeasure } from "./lib/measure.ts";
import { openOverloaded, refusalsText, type Load } from "./lib/overload.ts";

export const measure: PerfMeasure = {
  id: "api-shed",
  what: "503 of the API at 1.5 times what the machine holds, median",
  against: "requests that the API serves at the same time, median",
  // A refused request waits for no connection and no row, only for the processor that all requests share. The limit applies to
  // medians: the service refuses requests during pauses of the machine, so their p99 is the longest pause.
  limit: 1,
  unit: "x",

  async run(context) {
    const { pairs, signal, log } = context;
    await using service = await openOverloaded(context, "shed");
    const loads: Load[] = [];
    for (let pair = 0; pair <= pairs; pair += 1) {
      signal.throwIfAborted();
      // Measured again for each pair: the capacity of the machine changes with its other load.
      const { servedPerSecond } = await service.peak();
      const load = await service.beyond(servedPerSecond);
      log.info(`api-shed: ${pair === 0 ? "warm-up" : `pair ${pair} of ${pairs}`}, 503: ${refusalsText([load])}`);
      if (pair > 0) loads.push(load);
    }
    const at = (fraction: number) =>
      loads.flatMap(({ servedMs, refusedMs }) => {
        const [base, candidate] = [quantile(servedMs, fraction), quantile(refusedMs, fraction)];
        return base === null || candidate === null ? [] : [{ base, candidate }];
      });
    const [taken, tails] = [at(0.5), at(0.99)];
    const enough = loads.length - taken.length;
    return {
      ...ratioOf(taken, "ms"),
      note: `Every answer with the status 503, by its type: ${refusalsText(loads)}. Both sides of a pair are of the same eight seconds${enough === 0 ? "" : `; ${enough} more pairs had none, because the machine held more by then`}.`,
      parts: [
        { label: "503, median", ...medianTimeOf(taken.map(({ candidate }) => candidate)) },
        { label: "served, median", ...medianTimeOf(taken.map(({ base }) => base)) },
        { label: "503, p99", ...medianTimeOf(tails.map(({ candidate }) => candidate)) },
        { label: "served, p99", ...medianTimeOf(tails.map(({ base }) => base)) },
      ],
    };
  },
};
