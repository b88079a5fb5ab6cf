/** `bench history`: the same cells over dates, commits or library versions, with the points at which they changed. */
import type { Command } from "commander";
import { BenchError } from "../../lib/errors.ts";
import { hasColour } from "../../lib/log.ts";
import { changesOf } from "../history/changes.ts";
import { METRIC_NAMES, METRICS, type Metric, type MetricName } from "../history/metrics.ts";
import { ORDERS, seriesOf, type Order } from "../history/series.ts";
import { historyCsv, historyData, historyText, type HistoryView } from "../history/view.ts";
import { matches, parseFilter } from "../plan/axes.ts";
import { writeFiles } from "../reporters/parts/output.ts";
import { readRuns, type StoredRun } from "../results/find-runs.ts";
import { makeOutputFolder } from "../run/output-folder.ts";
import { fewestValues } from "../statistics/change-points.ts";
import type { VerdictOptions } from "../statistics/signed-rank.ts";
import { terminalColumnsOf } from "../text/layout.ts";
import { logFor, type CommandContext, type RegisterCommand } from "./context.ts";
import { addVerdictOptions, axes, verdictOptions, type VerdictPercents } from "./options.ts";
import { allRunFolders } from "./stored-runs.ts";
import { folder, oneOf, words } from "./values.ts";
import { shortPercent } from "../text/format.ts";

const EXAMPLES = `
Examples:
  bench history                                                  the runs below results/
  bench history artefacts --same-machines                        artefacts of CI, whose runners have a new name for each run
  bench history --cell orm=prisma,strategy=chunked --by version  one cell over the versions of its library
  bench history --metric statements --by commit                  which commit changed the number of statements?
  bench history --out report                                     writes history.csv and history.html

A series contains only runs with the same machine, server settings and data. bench tests times by E-divisive with means, a
permutation test: without a change, a series has an alarm at the rate of --alpha. It counts statements, so each difference is a
change.`;

interface HistoryCommandOptions extends VerdictPercents {
  by: Order;
  metric: MetricName;
  cell?: string;
  sameMachines?: boolean;
  out?: string;
  json?: boolean;
}

export const register: RegisterCommand = (program, context) => {
  const command = program
    .command("history")
    .description("Shows the same cells over dates, commits or library versions, and where they changed.")
    .argument(
      "[folders...]",
      "folders of runs, or folders that contain runs (default: results/, else the published runs of this checkout)",
      words({ paths: "folders" }),
    )
    .option("--by <order>", `points of a series: ${ORDERS.join(", ")}`, oneOf(ORDERS), "date")
    .option("--metric <name>", `value to follow: ${METRIC_NAMES.join(", ")}`, oneOf(METRIC_NAMES), "wall")
    .option("--cell <axis=value>", "only these cells: orm=prisma, or several axes separated by commas", axes())
    .option("--same-machines", "join machines with equal CPU, cores and memory, whatever their names are")
    .option("--out <folder>", "folder for history.csv and history.html; bench creates it", folder)
    .option("--json", "print the series as JSON");
  addVerdictOptions(command)
    .addHelpText("after", EXAMPLES)
    .action((folders: string[], options: HistoryCommandOptions) => history(command, context, folders, options));
};

/** Keeps the cells of the filter, so that series have the same names with and without it. */
function select(runs: readonly StoredRun[], filter: string | undefined): StoredRun[] {
  if (filter === undefined) return [...runs];
  const wanted = parseFilter(filter);
  return runs.map(({ folder: path, results }) => ({
    folder: path,
    results: { ...results, run: { ...results.run, cells: results.run.cells.filter((cell) => matches(cell, wanted)) } },
  }));
}

function notesOf(view: Omit<HistoryView, "notes">, alpha: number): string[] {
  const { metric, histories } = view;
  const needed = fewestValues(alpha);
  const short = histories.filter(({ series }) => series.points.length < needed).length;
  if (metric.isExact)
    return ["The server counts this value: each difference is a change of the code, of the data or of a library."];
  return [
    `Changes by E-divisive with means: in a series without a change, a false alarm in ${shortPercent(alpha)} of cases.`,
    ...(short === 0
      ? []
      : [`${short} of ${histories.length} series have fewer than ${needed} points: too few to show a change at this level.`]),
  ];
}

async function history(
  command: Command,
  context: CommandContext,
  folders: readonly string[],
  options: HistoryCommandOptions,
): Promise<void> {
  const log = logFor(command);
  const metric: Metric = METRICS[options.metric];
  const limits: VerdictOptions = verdictOptions(options);
  const found = await readRuns(folders.length > 0 ? folders : await allRunFolders());
  for (const reason of found.unreadable) log.warn(`${reason}; bench leaves this run out`);
  const selected = select(found.runs, options.cell);
  const series = seriesOf(selected, { order: options.by, metric, ignoreNames: options.sameMachines === true });
  if (series.length === 0)
    throw new BenchError(
      "NOTHING_MEASURED",
      found.runs.length === 0 ? "there are no stored runs here" : "no stored run has a complete cell that --cell selects",
      "pass the folder of a run, or measure one: bench run --suite quick",
    );
  const histories = series.map((each) => ({ series: each, changes: changesOf(each, metric, limits) }));
  const view: HistoryView = { metric, histories, notes: notesOf({ metric, histories }, limits.alpha) };
  if (options.out !== undefined) {
    // a lazy import: the text needs neither the page nor its charts
    const { historyHtml } = await import("../history/html.ts");
    await makeOutputFolder(options.out);
    const files = [
      { name: "history.csv", content: historyCsv(view) },
      { name: "history.html", content: await historyHtml(view) },
    ];
    await writeFiles(options.out, files);
    log.info(`wrote history.csv and history.html to ${options.out}`);
  }
  context.print(
    options.json === true
      ? JSON.stringify(historyData(view), null, 2)
      : historyText(view, hasColour(process.stdout), terminalColumnsOf(process.stdout)),
  );
}
