/** The stages of a suite beside the published times of its origin. */
import { markdownTimeline } from "../../../harness/reporters/markdown.ts";
import { tableKind } from "../run-kind.ts";

export const kind = tableKind("timeline", markdownTimeline);
