/** Techniques as the batch, and the requests beside them. */
import { harmDigest } from "../../../harness/scenario/report/index.ts";
import { scenarioKind } from "../run-kind.ts";

export const kind = scenarioKind("harm", harmDigest);
