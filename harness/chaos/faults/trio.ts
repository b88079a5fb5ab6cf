import type { Fault } from "../fault.ts";
import { combinedFaults } from "../combined.ts";

export const fault: Fault = {
  id: "trio",
  summary: "three other faults at the same time, by seed",
  isCombination: true,
  request: {},
  inject: (stage) => combinedFaults(stage, 3),
};
