/** The chart of a run. */
import { reporter } from "../../../harness/reporters/svg.ts";
import { imageKind } from "../image-kind.ts";
import { publishedRun } from "../records/run.ts";

export const kind = imageKind({
  id: "chart",
  file: "chart.svg",
  alternative: "Times of each technique and ORM on a logarithmic axis",
  files: async (name) => await reporter.files(await publishedRun(name)),
});
