/** Requests beside a batch, by guard. */
import { scenarioDigest } from "../../../harness/scenario/report/index.ts";
import { scenarioKind } from "../run-kind.ts";

export const kind = scenarioKind("api", scenarioDigest);
