/** Renders the verdict of a gate as terminal text, Markdown and JSON. */
import type { ComparedCells } from "../compare/runs.ts";
import type { VerdictOptions } from "../statistics/signed-rank.ts";
import { comparisonView, renderView } from "../compare/table.ts";
import type { RunResults } from "../results/records.ts";
import { layOut, style } from "../text/layout.ts";
import { markdownWhy } from "../reporters/markdown.ts";
import { markdownLines } from "../text/markdown.ts";
import { cautions, headline } from "../reporters/parts/notes.ts";
import type { RenderedFile } from "../reporters/reporter.ts";
import type { GateOutcome, GateVerdict } from "./verdict.ts";

const HEADINGS: Readonly<Record<GateOutcome, string>> = {
  passed: "Gate passed",
  failed: "Gate failed",
  inconclusive: "Gate passed, but some comparisons are inconclusive",
  broken: "Gate broken: some samples are missing",
};
const COLOURS = { passed: "green", failed: "red", inconclusive: "yellow", broken: "red" } as const;

interface Section {
  readonly heading: string;
  readonly lines: readonly string[];
}

const sections = ({ failures, undecided, remarks, outcome }: GateVerdict): Section[] =>
  [
    { heading: outcome === "broken" ? "Broken" : "Failures", lines: failures },
    { heading: "Inconclusive", lines: undecided },
    { heading: "Remarks", lines: remarks },
  ].filter(({ lines }) => lines.length > 0);

const REQUIREMENTS = ["cell", "condition", "measured", "met"] as const;
const requirementRows = ({ requirements }: GateVerdict): string[][] =>
  requirements.map(({ cell, requirement, shown, met }) => [cell, requirement, shown, met ? "yes" : "no"]);

const optionsOf = ({ run }: RunResults): VerdictOptions => ({ threshold: run.gate?.threshold ?? 0, alpha: run.gate?.alpha ?? 0 });

/** With a base tree both sides have the same cell id, so the base column shows the name of the tree. */
function namedOnce({ compared }: GateVerdict, { run: { gate } }: RunResults): ComparedCells[] {
  return compared.map((cellPair) => {
    const [base, candidate] = [cellPair.base.replace(/\/side=base$/, ""), cellPair.candidate.replace(/\/side=head$/, "")];
    return { ...cellPair, candidate, base: base === candidate && gate?.base != null ? gate.base : cellPair.base };
  });
}

const subject = ({ run: { gate } }: RunResults): string =>
  gate === null || gate.base === null ? "" : `${gate.candidate} against ${gate.base}`;

/** @param columns of the terminal; null: any width */
export function gateText(results: RunResults, verdict: GateVerdict, colour: boolean, columns: number | null = null): string {
  const about = subject(results);
  return [
    ...(verdict.compared.length === 0
      ? []
      : [renderView(comparisonView(namedOnce(verdict, results), optionsOf(results), colour), "table", colour, columns), ""]),
    ...(verdict.requirements.length === 0
      ? []
      : [
          layOut(
            REQUIREMENTS,
            REQUIREMENTS.map(() => "left" as const),
            requirementRows(verdict).map((cells) => ({ cells, below: null })),
            colour,
          ),
          "",
        ]),
    style(COLOURS[verdict.outcome], `${HEADINGS[verdict.outcome]}${about === "" ? "" : `: ${about}`}`, colour),
    ...sections(verdict).flatMap(({ heading, lines }) => [`${heading}:`, ...lines.map((line) => `  ${line}`)]),
  ].join("\n");
}

const folded = (summary: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`<details><summary>${summary}</summary>\n\n${lines.join("\n").trim()}\n\n</details>`];

function gateMarkdown(results: RunResults, verdict: GateVerdict): string {
  const about = subject(results);
  const parts = [
    `### ${HEADINGS[verdict.outcome]}${about === "" ? "" : `: ${about}`}`,
    ...sections(verdict).map(({ heading, lines }) => [`**${heading}**`, "", ...lines.map((line) => `- ${line}`)].join("\n")),
    ...(verdict.compared.length === 0
      ? []
      : [renderView(comparisonView(namedOnce(verdict, results), optionsOf(results), false), "md", false)]),
    ...(verdict.requirements.length === 0 ? [] : [markdownLines(REQUIREMENTS, requirementRows(verdict))]),
    ...folded("Explanation: the server's counters for each side", markdownWhy(results)),
    ...folded(
      "Limits of these numbers",
      cautions(results).map((caution) => `- ${caution}`),
    ),
    `<sub>${headline(results)} · base and candidate interleaved in one run, in random order, every sample verified</sub>`,
  ];
  return `${parts.join("\n\n")}\n`;
}

export const gateJson = ({ run }: RunResults, verdict: GateVerdict): string =>
  JSON.stringify({ runId: run.runId, rounds: run.rounds, ...run.gate, ...verdict }, null, 2);

export const gateFiles = (results: RunResults, verdict: GateVerdict): RenderedFile[] => [
  { name: "gate.md", content: gateMarkdown(results, verdict) },
  { name: "gate.json", content: `${gateJson(results, verdict)}\n` },
];
