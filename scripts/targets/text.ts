/** The table of the targets for docs/cluster.md. */
import { markdownLines } from "../../harness/text/markdown.ts";
import { linkTo } from "../readme/block.ts";
import { scenarioCommand } from "../readme/command.ts";
import { publishedScenario } from "../readme/records/scenario.ts";
import { runFolder, type RunName } from "../readme/runs.ts";
import { publishedPerf, targetEvidence } from "./evidence.ts";
import type { Target } from "./target.ts";

export const NOT_MEASURED = "not measured";

/** Commands of runs that are not published yet. */
export const COMMANDS: Partial<Record<RunName, string>> = {
  "api-small": "npx bench api run --guard memory-flag --batch-style chunked --instances 1,3 --scale 0.1 --rate 100 --rounds 3",
};

export interface Evaluated {
  readonly target: Target;
  readonly figure: string;
  /** null: not measured */
  readonly isMet: boolean | null;
  /** Markdown links */
  readonly evidence: string;
  readonly commands: readonly string[];
}

async function evaluateScenarios(target: Target, page: string): Promise<Evaluated> {
  const { source } = target;
  if (source.kind !== "scenarios") throw new Error(`the target "${target.what}" reads no scenario`);
  const { runs } = source;
  const isPublished = runs.every((name) => runFolder(name) !== null);
  const measured = isPublished ? source.measure(await targetEvidence(runs)) : null;
  const { figure, isMet } = measured ?? { figure: NOT_MEASURED, isMet: null };
  const links = runs.flatMap((name) => {
    const folder = runFolder(name);
    return folder === null ? [] : [`[${name}](${linkTo(`${folder}api.md`, page)})`];
  });
  const commands = await Promise.all(
    runs.map(async (name) =>
      runFolder(name) === null ? (COMMANDS[name] ?? "") : scenarioCommand(await publishedScenario(name)),
    ),
  );
  return { target, figure, isMet, evidence: links.length === 0 ? "-" : links.join(", "), commands };
}

/** @throws Error if the records lack a value */
export async function evaluateTarget(target: Target, page: string): Promise<Evaluated> {
  const { source } = target;
  if (source.kind === "scenarios") return await evaluateScenarios(target, page);
  if (source.kind === "test") {
    const folder = source.file.slice(0, source.file.lastIndexOf("/"));
    const commands = [`npm test -- ${source.file.replace(/\.test\.ts$/, "")}`];
    return { target, figure: source.figure, isMet: true, evidence: `[${folder}](${linkTo(source.file, page)})`, commands };
  }
  const commands = [`npm run perf -- ${source.id}`];
  const found = await publishedPerf(source.id);
  if (found === null) return { target, figure: NOT_MEASURED, isMet: null, evidence: "-", commands };
  const evidence = `[perf ${found.date}](${linkTo(`${found.folder}perf.md`, page)})`;
  return { target, ...source.measure(found.value), evidence, commands };
}

const verdictOf = ({ isMet }: Evaluated): string => (isMet === null ? "open" : isMet ? "met" : "**missed**");

/** A table, the reasons of the missed targets, and the commands that measure the figures again. */
export function targetsMarkdown(evaluated: readonly Evaluated[]): string {
  const rows = evaluated.map((each, index) => [
    String(index + 1),
    each.target.what,
    each.target.limit,
    each.figure,
    verdictOf(each),
    each.evidence,
  ]);
  const missed = evaluated.flatMap((each, index) =>
    each.isMet === false ? [`- ${index + 1}: ${each.target.why ?? "The reason is not known yet."}`] : [],
  );
  const numbersOf = (command: string): string =>
    evaluated.flatMap(({ commands }, index) => (commands.includes(command) ? [index + 1] : [])).join(", ");
  const commands = [...new Set(evaluated.flatMap((each) => each.commands))];
  return [
    markdownLines(["no.", "target", "limit", "measured", "verdict", "evidence"], rows),
    ...(missed.length === 0 ? [] : ["Missed:", missed.join("\n")]),
    "These commands measure the figures:",
    ["```sh", ...commands.map((command) => `${command}   # ${numbersOf(command)}`), "```"].join("\n"),
  ].join("\n\n");
}
