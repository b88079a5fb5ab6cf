/** One batch on several instances. */
import { instancesDigest } from "../../../harness/scenario/report/index.ts";
import { scenarioKind } from "../run-kind.ts";

export const kind = scenarioKind("instances", instancesDigest);
