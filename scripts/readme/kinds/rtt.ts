/** The time of each cell at several distances to the server. */
import { markdownRtt } from "../../../harness/reporters/markdown.ts";
import { tableKind } from "../run-kind.ts";

export const kind = tableKind("rtt", markdownRtt);
