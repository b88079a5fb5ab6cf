import { percent, UNKNOWN } from "../../../text/format.ts";
import { paragraph, type Table } from "../block.ts";
import type { Section } from "../section.ts";
import { cellName, samplesOf, type RunSubject } from "../subject.ts";
import type { Words } from "../words/index.ts";
import { detailsId } from "./cells.ts";

/** Cells without a complete time, and cells of which a limit stopped some samples. */
const problemsOf = ({ summaries }: RunSubject): RunSubject["summaries"] =>
  summaries.filter(({ status, leftOut }) => status !== "ok" || leftOut > 0);

function tableOf(subject: RunSubject, words: Words): Table {
  const { problems, column } = words;
  return {
    kind: "table",
    caption: problems.table,
    columns: [
      { head: column.cell },
      { head: problems.status },
      { head: problems.done, isNumeric: true },
      { head: problems.reason },
    ],
    rows: problemsOf(subject).map((summary) => {
      const reason = summary.reason ?? samplesOf(subject, summary).find((sample) => sample.reason !== null)?.reason;
      return {
        cells: [
          { text: cellName(subject, summary), to: detailsId(subject, summary) },
          words.status[summary.status],
          summary.doneFraction === null ? UNKNOWN : percent(summary.doneFraction),
          reason ?? UNKNOWN,
        ],
      };
    }),
    filters: null,
  };
}

export const problems: Section<RunSubject> = {
  id: "problems",
  title: ({ problems }) => problems.title,
  applies: () => true,
  render: (subject, words) => (problemsOf(subject).length === 0 ? [paragraph(words.problems.none)] : [tableOf(subject, words)]),
};
