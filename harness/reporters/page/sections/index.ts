/** The sections of a run, in their order. */
import type { Section } from "../section.ts";
import type { RunSubject } from "../subject.ts";
import { cells } from "./cells.ts";
import { chunkSize } from "./chunk-size.ts";
import { conditions } from "./conditions.ts";
import { heatMap } from "./heat-map.ts";
import { limits } from "./limits.ts";
import { locality } from "./locality.ts";
import { memory } from "./memory.ts";
import { phases } from "./phases.ts";
import { problems } from "./problems.ts";
import { roundTrip } from "./round-trip.ts";
import { samples } from "./samples.ts";
import { statements } from "./statements.ts";
import { keys, workers } from "./sweeps.ts";
import { timeline } from "./timeline.ts";

export const RUN_SECTIONS: readonly Section<RunSubject>[] = [
  timeline,
  samples,
  heatMap,
  chunkSize,
  roundTrip,
  keys,
  locality,
  workers,
  statements,
  phases,
  memory,
  cells,
  problems,
  conditions,
  limits,
];
