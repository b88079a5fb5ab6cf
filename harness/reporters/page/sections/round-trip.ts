import { isCarried, timeAt } from "../../../rtt/fit.ts";
import { duration, rounded } from "../../../text/format.ts";
import { fittedCells, rttTable, type Fitted } from "../../parts/rtt.ts";
import { list, table, type Figure } from "../block.ts";
import { curvesChart, type CurveLine, type CurvePoint } from "../figures/curves.ts";
import type { Section } from "../section.ts";
import type { RunSubject } from "../subject.ts";
import type { Words } from "../words/index.ts";

const MS_PER_S = 1_000;
const SEPARATOR = " / ";

interface Named extends Fitted {
  readonly panel: string;
  readonly library: string;
}

/** `chunked / chunk 500 / prisma@7.9.1 / identity`: the library is the last part but one. A panel has one version of each library. */
function named(fitted: Fitted): Named {
  const parts = fitted.name.split(SEPARATOR);
  const version = (parts.at(-2) ?? "").slice(fitted.orm.length);
  const others = parts.filter((_, index) => index !== parts.length - 2);
  return { ...fitted, library: fitted.orm, panel: [`${others[0]}${version}`, ...others.slice(1)].join(" · ") };
}

function pointsOf({ panel, library, fit }: Named): CurvePoint[] {
  return fit.points.map(({ roundTripMs, wallMs }) => ({
    panel,
    library,
    at: rounded(roundTripMs, 2),
    seconds: wallMs / MS_PER_S,
    low: null,
    high: null,
    isBest: false,
    isEstimate: false,
  }));
}

function lineOf({ panel, library, fit }: Named): CurveLine[] {
  if (!isCarried(fit)) return [];
  return fit.points.map(({ roundTripMs }) => ({
    panel,
    library,
    at: rounded(roundTripMs, 2),
    seconds: Math.max(0, timeAt(fit, roundTripMs)) / MS_PER_S,
  }));
}

function figure({ colours }: RunSubject, fitted: readonly Named[], words: Words): Figure {
  const said = fitted.flatMap(({ name, fit }) =>
    isCarried(fit)
      ? [words.roundTrip.line(name, duration(Math.max(0, fit.baseMs)), duration(Math.max(0, timeAt(fit, 5))))]
      : [words.roundTrip.noLine(name)],
  );
  return {
    kind: "figure",
    id: "round-trip",
    title: words.roundTrip.figure,
    reading: words.roundTrip.reading,
    numbers: said,
    spec: (width) =>
      curvesChart(
        {
          points: fitted.flatMap(pointsOf),
          lines: fitted.flatMap(lineOf),
          xTitle: words.axis.roundTripMs,
          yTitle: words.axis.seconds,
          logarithmic: words.axis.logarithmic,
          libraryTitle: words.axis.library,
          colours,
        },
        width,
      ),
  };
}

export const roundTrip: Section<RunSubject> = {
  id: "round-trip",
  title: ({ roundTrip }) => roundTrip.title,
  applies: ({ results }) => fittedCells(results).length > 0,
  render: (subject, words) => {
    const found = rttTable(subject.results, words.rtt);
    return [
      figure(subject, fittedCells(subject.results).map(named), words),
      ...(found === null ? [] : [...table(words.roundTrip.table, found.head, found.rows), ...list(found.notes)]),
    ];
  },
};
