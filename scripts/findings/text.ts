/** Texts of the findings for docs/findings.md and README. */
import { messageOf } from "../../lib/errors.ts";
import { linkTo } from "../readme/block.ts";
import { roundsText } from "../readme/caption.ts";
import { runFolder, type RunName } from "../readme/runs.ts";
import type { Evidence } from "./evidence.ts";
import { TOPICS, type Finding, type FindingText } from "./finding.ts";

/** Rounds without an interval. */
const FEW_ROUNDS = 6;

/** @throws Error if the records do not support the finding */
export function textOf(finding: Finding, evidence: Evidence): FindingText {
  const text = finding.text(evidence);
  if (!finding.holds(evidence))
    throw new Error(`the records no longer support this finding: "${text.sentence}" Rewrite it in scripts/findings/list/.`);
  return text;
}

/**
 * A new measurement can contradict several findings: the error names all of them at once.
 * @throws Error if the records do not support a finding
 */
export function requireSupport(findings: readonly Finding[], evidence: Evidence): void {
  const problems = findings.flatMap((finding) => {
    try {
      textOf(finding, evidence);
      return [];
    } catch (error) {
      return [messageOf(error)];
    }
  });
  if (problems.length > 0) throw new Error(problems.join("\n"));
}

/** `[origin](...), 1 round` */
function evidenceText({ runs, test }: Finding, evidence: Evidence, page: string, file: (name: RunName) => string): string {
  const links = runs.map((name) => {
    const rounds = evidence.roundsOf(name);
    return `[${name}](${linkTo(`${runFolder(name) ?? ""}${file(name)}`, page)}), ${roundsText(rounds)}`;
  });
  const tests = test === undefined ? [] : [`[a test](${linkTo(test.file, page)})`];
  return [...links, ...tests].join("; ");
}

const fileOf = (name: RunName): string => (name.startsWith("api-") ? "api.md" : "summary.md");

/** Headings by topic, and a list item per finding. */
export function findingsMarkdown(findings: readonly Finding[], evidence: Evidence, page: string): string {
  return TOPICS.flatMap((topic) => {
    const own = findings.filter((finding) => finding.topic === topic);
    if (own.length === 0) return [];
    return [
      `## ${topic[0]?.toUpperCase() ?? ""}${topic.slice(1)}`,
      own
        .map((finding) => {
          const { sentence, numbers } = textOf(finding, evidence);
          return [
            `- **${sentence}** ${numbers.join(" ")}`.trimEnd(),
            ...(finding.belief === null ? [] : [`  - Popular belief: "${finding.belief}"`]),
            `  - Evidence: ${evidenceText(finding, evidence, page, fileOf)}.`,
          ].join("\n");
        })
        .join("\n"),
    ];
  }).join("\n\n");
}

/** The fewest rounds of the runs of a finding, where they are too few for an interval; null: enough. */
function fewRounds({ runs }: Finding, evidence: Evidence): number | null {
  const fewest = Math.min(...runs.map((name) => evidence.roundsOf(name)));
  return fewest < FEW_ROUNDS ? fewest : null;
}

/** A numbered list of the main findings, one sentence each. An item that rests on few rounds names their number. */
export function highlightsMarkdown(findings: readonly Finding[], evidence: Evidence): string {
  const shown = findings.filter(({ isHighlight }) => isHighlight);
  const items = shown.map((finding, index) => {
    const rounds = fewRounds(finding, evidence);
    const { sentence } = textOf(finding, evidence);
    return `${index + 1}. ${rounds === null ? sentence : sentence.replace(/\.$/, ` (${roundsText(rounds)}).`)}`;
  });
  const hasFew = shown.some((finding) => fewRounds(finding, evidence) !== null);
  return [
    items.join("\n"),
    ...(hasFew
      ? [`The other items rest on at least ${FEW_ROUNDS} rounds. With fewer, differences of tens of percent may be noise.`]
      : []),
  ].join("\n\n");
}
