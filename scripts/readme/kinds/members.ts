/** The chart of the rounds of each member. */
import { scenarioFiles } from "../../../harness/scenario/report/index.ts";
import { imageKind } from "../image-kind.ts";
import { publishedScenario } from "../records/scenario.ts";

export const kind = imageKind({
  id: "members",
  file: "api-members.svg",
  alternative: "Rounds of each instance, one of them killed",
  files: async (name) => await scenarioFiles(await publishedScenario(name)),
});
