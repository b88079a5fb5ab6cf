/** The part of a report about the trials of a cluster under faults. */
import { renderSections, type PartOf, type Section } from "../../reporters/page/section.ts";
import { count, serverName } from "../../text/format.ts";
import type { ChaosResults } from "../records.ts";
import { conditions } from "./sections/conditions.ts";
import { faults } from "./sections/faults.ts";
import { limits } from "./sections/limits.ts";
import { invariants } from "./sections/invariants.ts";
import { timelines } from "./sections/timelines.ts";

const SECTIONS: readonly Section<ChaosResults>[] = [faults, invariants, timelines, conditions, limits];

export const chaosPart =
  (results: ChaosResults, id: string): PartOf =>
  async (words) => {
    const { chaos, trials } = results;
    return {
      id,
      title: words.chaos.title,
      answer: words.chaos.answer(
        trials.length,
        count(trials.reduce((sum, { requests }) => sum + requests, 0)),
        trials.filter(({ violations }) => violations.length > 0).length,
      ),
      facts: [`${serverName(chaos.serverVersion)} · ${chaos.startedAt.slice(0, 10)}`],
      sections: await renderSections(SECTIONS, results, words),
    };
  };
