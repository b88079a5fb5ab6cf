import type { RunResults } from "../../results/records.ts";
import { headlines } from "../parts/notes.ts";
import { answerOf } from "./answer.ts";
import { renderSections, type PartOf } from "./section.ts";
import { RUN_SECTIONS } from "./sections/index.ts";
import { runSubject } from "./subject.ts";

export const runPart =
  (results: RunResults, id = "run"): PartOf =>
  async (words) => {
    const subject = await runSubject(results);
    const { run } = results;
    return {
      id,
      title: run.title ?? (run.suite === null ? words.page.title : words.page.suite(run.suite)),
      answer: answerOf(subject, words),
      facts: headlines(results),
      sections: await renderSections(RUN_SECTIONS, subject, words),
    };
  };
