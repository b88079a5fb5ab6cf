/** The speed of many-row updates by chunk size. */
import { markdownUpdates } from "../../../harness/reporters/markdown.ts";
import { tableKind } from "../run-kind.ts";

export const kind = tableKind("updates", markdownUpdates);
