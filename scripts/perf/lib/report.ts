/** The table on the terminal and perf.md. Both use only perf.json. */
import { bytes, decimal, duration, gibibytes, milliseconds } from "../../../harness/text/format.ts";
import { markdownLines } from "../../../harness/text/markdown.ts";
import type { Measured, PerfResults } from "./results.ts";

type Figure = NonNullable<Measured["outcome"]>["parts"][number];

/** Ratios have three digits, because a limit of 1.02 needs them. Milliseconds have two, except for times of microseconds. */
const number = (value: number, unit: Figure["unit"]): string =>
  unit === "x" ? `${decimal(value, 3)}x` : milliseconds(value, value < 0.1 ? 5 : 2);

function interval({ interval, pairs, unit }: Pick<Figure, "interval" | "pairs" | "unit">): string {
  if (interval !== null) return `${number(interval.low, unit)} to ${number(interval.high, unit)}`;
  return unit === "x" ? `no interval: ${pairs.length} ${pairs.length === 1 ? "pair" : "pairs"}, 6 are needed` : "-";
}

const HEAD = ["what", "against", "result", "95 % interval", "limit", ""];

function row({ what, against, limit, unit, status, outcome }: Measured): string[] {
  return [
    what,
    against,
    outcome === null ? "-" : number(outcome.value, unit),
    outcome === null ? "-" : interval(outcome),
    limit === null ? "none" : number(limit, unit),
    status,
  ];
}

/** @returns the lines of the table for the terminal */
export function terminalTable({ measures }: PerfResults): string {
  const rows = [HEAD, ...measures.map(row)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const lines = rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const failures = measures.flatMap(({ id, reason }) => (reason === null ? [] : [`${id} failed: ${reason.split("\n")[0]}`]));
  return [...lines, ...(failures.length > 0 ? ["", ...failures] : [])].join("\n");
}

function valueOf(value: number, unit: Figure["pairUnit"]): string {
  return unit === "ms" ? duration(value) : bytes(value);
}

/** perf.json has all of them. The page leaves out the rest. */
const MAX_LISTED_PAIRS = 15;

function pairsOf({ pairs, pairUnit }: Figure): string {
  if (pairs.length > MAX_LISTED_PAIRS) return `${pairs.length}, in perf.json`;
  return pairs
    .map(({ base, candidate }) =>
      base === null ? valueOf(candidate, pairUnit) : `${valueOf(base, pairUnit)} → ${valueOf(candidate, pairUnit)}`,
    )
    .join(", ");
}

function section({ id, what, against, reason, tookMs, gitCommit, outcome }: Measured): string[] {
  const at = gitCommit === null ? "" : `, orm-shootout ${gitCommit.slice(0, 10)}`;
  const title = [`## ${what}, against ${against}`, "", `\`npm run perf -- ${id}\`, ${duration(tookMs)}${at}.`];
  if (outcome === null) return [...title, "", `**Failed**: ${reason ?? "for no known reason"}`, ""];
  const rows = [{ ...outcome, label: "**under the limit**" }, ...outcome.parts].map((figure) => [
    figure.label,
    number(figure.value, figure.unit),
    interval(figure),
    pairsOf(figure),
  ]);
  return [...title, "", outcome.note, "", markdownLines(["figure", "result", "95 % interval", "against → measured"], rows), ""];
}

/** The whole page: the result, each measure and the method. */
export function page(results: PerfResults): string {
  const { measures, environment, startedAt, pairs, scale, seed, orms, workers, limitFactor, notes } = results;
  const { machine, server, versions, gitCommit, fsyncP50Ms } = environment;
  const list = (values: Record<string, string | null>, between: string): string =>
    Object.entries(values)
      .map(([name, value]) => `${name}${between}${value ?? "unknown"}`)
      .join(", ");
  return [
    "# Speed and memory",
    "",
    `${startedAt.slice(0, 10)} · ${machine.cpu}, ${machine.cores} cores · MySQL ${server.version} (${server.provider}, durability ${server.durability}) · Node ${versions["node"] ?? "unknown"}`,
    "",
    markdownLines(HEAD, measures.map(row)),
    "",
    `What is measured, against what, and why these limits: docs/performance.md of the project.`,
    ...(scale === 1 ? [] : ["", `**At a scale of ${scale}: a trial, not a result.**`]),
    ...(limitFactor === 1 ? [] : ["", `**Limits multiplied by ${limitFactor}: a trial, not a result.**`]),
    ...notes.flatMap((note) => ["", note]),
    "",
    ...measures.flatMap(section),
    "## How it was measured",
    "",
    `- ${pairs} pairs, both sides in random order within each (seed ${seed}); libraries ${orms.join(", ")}; workers ${workers.join(", ")}. Ratios are Hodges-Lehmann estimates over the pairs, intervals come from the exact signed-rank distribution and are not adjusted for their number.`,
    `- Machine: ${machine.name}, ${machine.cpu}, ${machine.cores} cores, ${gibibytes(machine.memoryBytes)}, ${machine.kernel}, load average at the start ${machine.loadAverage === null ? "unknown" : decimal(machine.loadAverage, 2)}; fsync of 4 KiB, p50: ${fsyncP50Ms === null ? "not measured" : duration(fsyncP50Ms)}.`,
    `- Server: MySQL ${server.version} (${server.provider}), isolation ${server.isolation ?? "unknown"}, round trip ${duration(server.rttMs)}.`,
    `- Settings: ${list(server.variables, "=")}.`,
    `- Versions: ${list(versions, " ")}${gitCommit === null ? "" : `, orm-shootout ${gitCommit.slice(0, 10)}`}.`,
    "",
  ].join("\n");
}
