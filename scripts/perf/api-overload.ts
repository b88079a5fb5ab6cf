import { alternate } from "./lib/alternate.ts";
import { ratioOf, type PerfMeasure } from "./lib/measure.ts";
import { openOverloaded, PEAK_CLIENTS, refusalsText, type Load } from "./lib/overload.ts";

export const measure: PerfMeasure = {
  id: "api-overload",
  what: "requests of the API served at 1.5 times what the machine holds, time for each",
  against: "the service at its peak",
  // The service must keep at least 0.8 of the peak's rate.
  limit: 1 / 0.8,
  unit: "x",

  async run(context) {
    await using service = await openOverloaded(context, "overload");
    let peak = (await service.peak()).servedPerSecond;
    const beyond: Load[] = [];
    const taken = await alternate(
      context,
      "api-overload",
      {
        async base() {
          peak = (await service.peak()).servedPerSecond;
          return 1_000 / peak;
        },
        async candidate() {
          const load = await service.beyond(peak);
          beyond.push(load);
          return 1_000 / load.servedPerSecond;
        },
      },
      { warmUp: true },
    );
    return {
      ...ratioOf(taken, "ms"),
      note: `Two reads to a write, ${PEAK_CLIENTS} clients at the peak (${Math.round(peak)} requests/s at last); 1.25x is 0.8 of the rate. What was too much was answered 503: ${refusalsText(beyond)}.`,
      parts: [],
    };
  },
};
