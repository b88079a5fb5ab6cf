/** The findings: `all` for docs/findings.md, `highlights` for README. */
import { allFindings, publishedEvidence } from "../../findings/read.ts";
import { findingsMarkdown, highlightsMarkdown, requireSupport } from "../../findings/text.ts";
import type { BlockKind } from "../block.ts";

export const kind: BlockKind = {
  id: "findings",
  render: async (subject, page) => {
    const [findings, evidence] = [await allFindings(), await publishedEvidence()];
    requireSupport(findings, evidence);
    if (subject === "all") return findingsMarkdown(findings, evidence, page);
    if (subject === "highlights") return highlightsMarkdown(findings, evidence);
    throw new Error(`no findings are named "${subject}". Use "all" or "highlights".`);
  },
};
