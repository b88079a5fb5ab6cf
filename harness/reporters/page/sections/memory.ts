import { mebibytes } from "../../../text/format.ts";
import type { Figure } from "../block.ts";
import { dotsChart, type DotRow } from "../figures/dots.ts";
import type { Section } from "../section.ts";
import { cellName, describingSamples, type RunSubject } from "../subject.ts";
import type { Words } from "../words/index.ts";

const MIB = 2 ** 20;

function rowsOf(subject: RunSubject): DotRow[] {
  const rows = subject.summaries.flatMap((summary): DotRow[] => {
    const { peakRssBytes } = summary;
    if (peakRssBytes === null) return [];
    const dots = describingSamples(subject, summary).flatMap(({ peakRssBytes: bytes }) =>
      bytes === null ? [] : [{ at: bytes / MIB, isEstimate: false }],
    );
    const all = dots.map(({ at }) => at);
    return [
      {
        name: cellName(subject, summary),
        library: summary.cell.orm,
        dots,
        median: peakRssBytes / MIB,
        low: Math.min(...all),
        high: Math.max(...all),
        label: mebibytes(peakRssBytes),
      },
    ];
  });
  return rows.toSorted((a, b) => (a.median ?? 0) - (b.median ?? 0));
}

function figure(subject: RunSubject, words: Words): Figure {
  const rows = rowsOf(subject);
  const [least, most] = [rows[0], rows.at(-1)];
  return {
    kind: "figure",
    id: "memory",
    title: words.memory.figure,
    reading: words.memory.reading,
    numbers:
      least === undefined || most === undefined ? [] : [words.memory.range(least.name, least.label, most.name, most.label)],
    spec: (width) =>
      dotsChart({ rows, colours: subject.colours, title: words.axis.mebibytes, logarithmic: words.axis.logarithmic }, width),
  };
}

export const memory: Section<RunSubject> = {
  id: "memory",
  title: ({ memory }) => memory.title,
  applies: (subject) => rowsOf(subject).length > 0,
  render: (subject, words) => [figure(subject, words)],
};
