/** The details of a cell: its configuration, its statements, its samples and its code. */
import { existsSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { ormLabel } from "../../../plan/cell.ts";
import { listPlugIns, TREE_URL } from "../../../registry.ts";
import type { CellSummary } from "../../../results/summary.ts";
import { filesOfOrm, libraryFiles, techniqueFiles, wholeFile, type Excerpt } from "../../../source/excerpt.ts";
import { count, duration, mebibytes, percent, UNKNOWN } from "../../../text/format.ts";
import { EXPLANATION_COLUMNS } from "../../parts/explanations.ts";
import { code, heading, paragraph, table, type Block } from "../block.ts";
import { samplesOf, type RunSubject } from "../subject.ts";
import type { Words } from "../words/index.ts";

const valueText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

function configuration(summary: CellSummary, words: Words): Block[] {
  const { cell, ormVersion, driverVersion } = summary;
  const { configuration: names } = words.details;
  const known = (value: string | number | null | undefined): string =>
    value === null || value === undefined ? UNKNOWN : String(value);
  return table(
    names.title,
    [names.setting, names.value],
    [
      [names.library, `${ormLabel(cell)} ${ormVersion ?? ""}`.trim()],
      [names.driver, `${cell.driver} ${driverVersion ?? ""}`.trim()],
      [names.api, cell.api],
      [names.key, cell.key],
      [names.chunk, cell.chunkUsers === null ? UNKNOWN : count(cell.chunkUsers)],
      [names.workers, String(cell.workers)],
      [names.parallel, cell.parallel ?? "threads"],
      [names.split, cell.split ?? "range"],
      [names.prefill, cell.prefill ?? "0"],
      [names.pool, known(cell.connection?.poolConnections)],
      [names.protocol, known(cell.connection?.statements)],
      [names.isolation, cell.isolation ?? names.ofServer],
      [names.durability, cell.durability ?? names.ofServer],
      [names.track, cell.track],
      [names.limit, cell.limitMs === null ? names.none : duration(cell.limitMs)],
      ...Object.entries(cell.settings).map(([name, value]) => [name, valueText(value)]),
    ],
  );
}

function statements({ frequentStatements }: CellSummary, words: Words): Block[] {
  const { statements: names } = words.details;
  if (frequentStatements === null) return [paragraph(names.none)];
  const { list, statements: all, round } = frequentStatements;
  return table(
    names.title(round),
    [names.number, names.fraction, names.serverTime, names.text],
    list.map(({ text, count: number, serverMs }) => [
      count(number),
      all === null || all === 0 ? UNKNOWN : percent(number / all),
      duration(serverMs),
      text,
    ]),
  );
}

function counters(summary: CellSummary, words: Words): Block[] {
  const { costs } = summary;
  if (costs === null) return [];
  // a chart shows the split of the time
  const shown = EXPLANATION_COLUMNS.filter(({ id }) => id !== "split");
  const rows = shown.map(({ id, of }) => [words.details.counterNames[id], of({ summary, costs, name: "" })]);
  return table(
    words.details.counters,
    [words.details.configuration.setting, words.details.configuration.value],
    rows.filter(([, value]) => value !== UNKNOWN),
  );
}

function samples(subject: RunSubject, summary: CellSummary, words: Words): Block[] {
  const { samples: names } = words.details;
  return table(
    names.title,
    [names.round, names.position, names.status, names.time, names.statements, names.cpu, names.memory, names.note],
    samplesOf(subject, summary).map((sample) => [
      String(sample.round),
      String(sample.position),
      words.status[sample.status],
      sample.wallMs === null && sample.estimatedWallMs !== null
        ? `~${duration(sample.estimatedWallMs)}`
        : duration(sample.wallMs),
      count(sample.statements),
      duration(sample.clientCpuMs),
      mebibytes(sample.peakRssBytes),
      [...(sample.reason === null ? [] : [sample.reason]), ...sample.warnings].join("; "),
    ]),
  );
}

/** The code of this tree; empty for the file of a user, which records name without its folder. */
async function excerptsOf({ cell }: CellSummary): Promise<Excerpt[]> {
  if (cell.code === "" || cell.code.startsWith("/") || cell.code.includes("..")) return [];
  const codeUrl = new URL(cell.code, TREE_URL);
  if (!/^(strategies|orms)\//.test(cell.code) || !existsSync(codeUrl)) return [];
  const technique = await techniqueFiles(codeUrl.href);
  const orm = cell.isOwnOrm ? undefined : (await listPlugIns("orm")).find(({ value }) => value.id === cell.orm);
  if (orm === undefined) return technique.map(wholeFile);
  const { isShown } = filesOfOrm(orm.value, orm.url);
  return [...technique.map(wholeFile), ...(await libraryFiles(technique, orm.url, isShown))];
}

async function codeOf(subject: RunSubject, summary: CellSummary, words: Words): Promise<Block[]> {
  const { code: names } = words.details;
  const excerpts = await excerptsOf(summary);
  if (excerpts.length === 0) return [paragraph(names.unknown(summary.cell.code))];
  const { gitCommit } = subject.results.run.environment;
  return [
    paragraph(names.origin(gitCommit === null ? null : gitCommit.slice(0, 10))),
    ...excerpts.map(({ file, text, operations }, index): Block => ({
      kind: "details",
      id: `code-${index + 1}`,
      summary: `${relative(fileURLToPath(TREE_URL), file)}${operations === null ? "" : `: ${operations.join(", ")}`}`,
      blocks: [code(text.trimEnd())],
    })),
  ];
}

export async function detailsOf(subject: RunSubject, summary: CellSummary, words: Words): Promise<Block[]> {
  const { details } = words;
  return [
    ...(summary.reason === null ? [] : [paragraph(summary.reason)]),
    heading(details.code.title),
    ...(await codeOf(subject, summary, words)),
    heading(details.configuration.title),
    ...configuration(summary, words),
    heading(details.statements.heading),
    ...statements(summary, words),
    ...counters(summary, words),
    heading(details.samples.heading),
    ...samples(subject, summary, words),
  ];
}
