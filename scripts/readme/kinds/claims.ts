/** The published claims of a group (`origin`, `published`), each with its measurement and verdict. */
import { claimSources, evaluate } from "../../claims/evaluate.ts";
import { claimsTable, sourcesTable } from "../../claims/text.ts";
import type { VerdictName } from "../../claims/verdict.ts";
import type { BlockKind } from "../block.ts";

const VERDICTS: readonly VerdictName[] = ["confirmed", "mechanism only", "refuted", "not comparable"];

export const kind: BlockKind = {
  id: "claims",
  render: async (group, page) => {
    const sources = (await claimSources()).filter((source) => source.group === group);
    if (sources.length === 0) throw new Error(`no claims are in the group "${group}". Use "origin" or "published".`);
    const claims = await Promise.all(
      sources.flatMap((source) => source.claims.map(async (claim) => ({ source, claim: await evaluate(claim) }))),
    );
    const counts = VERDICTS.map((name) => `${claims.filter(({ claim }) => claim.verdict.name === name).length} ${name}`);
    return [`${claims.length} claims: ${counts.join(", ")}.`, claimsTable(claims, page), sourcesTable(sources)].join("\n\n");
  },
};
