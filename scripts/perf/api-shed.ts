import { medianTimeOf, ratioOf, type PerfMeasure } from "./lib/measure.ts";
import { openOverloaded, refusalsText, type Load } from "./lib/overload.ts";

const P99 = 0.99;

/** @returns null of nothing */
const p99 = (valuesMs: readonly number[]): number | null =>
  valuesMs.toSorted((a, b) => a - b).at(Math.ceil(valuesMs.length * P99) - 1) ?? null;

export const measure: PerfMeasure = {
  id: "api-shed",
  what: "503 of the API at 1.5 times what the machine holds, p99",
  against: "what it serves meanwhile, p99",
  // whoever is refused waits for no connection and no row, however busy the processor is that all share
  limit: 1,
  unit: "x",

  async run(context) {
    const { pairs, signal, log } = context;
    await using service = await openOverloaded(context, "shed");
    const loads: Load[] = [];
    for (let pair = 0; pair <= pairs; pair += 1) {
      signal.throwIfAborted();
      // anew each time: what the machine holds changes with what else it does
      const { servedPerSecond } = await service.peak();
      const load = await service.beyond(servedPerSecond);
      log.info(`api-shed: ${pair === 0 ? "warm-up" : `pair ${pair} of ${pairs}`}, 503: ${refusalsText([load])}`);
      if (pair > 0) loads.push(load);
    }
    const taken = loads.flatMap(({ servedMs, refusedMs }) => {
      const [base, candidate] = [p99(servedMs), p99(refusedMs)];
      return base === null || candidate === null ? [] : [{ base, candidate }];
    });
    const enough = loads.length - taken.length;
    return {
      ...ratioOf(taken, "ms"),
      note: `Every answer with the status 503, by its type: ${refusalsText(loads)}. Both sides of a pair are of the same eight seconds${enough === 0 ? "" : `; ${enough} more pairs had none, because the machine held more by then`}.`,
      parts: [
        { label: "503, p99", ...medianTimeOf(taken.map(({ candidate }) => candidate)) },
        { label: "served, p99", ...medianTimeOf(taken.map(({ base }) => base)) },
      ],
    };
  },
};
