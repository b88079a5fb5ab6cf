/** Lists what bench would create on a server that it does not manage, with size and time, and requires a confirmation. */
import { findDataset, GENERATOR_VERSION, totalRows, type DatasetParameters } from "../../fixtures/index.ts";
import { connect } from "../../lib/connection.ts";
import { BenchError } from "../../lib/errors.ts";
import { describeTarget } from "../../lib/target.ts";
import type { PlannedCell } from "../plan/planned-cell.ts";
import type { Database } from "../database/index.ts";
import { bytesOf, estimateTime, type TimeEstimate } from "../plan/estimate.ts";
import { roundTripMs } from "../probes/environment.ts";
import { bytes, duration } from "../text/format.ts";
import { promptYesNo, canPrompt } from "../text/terminal.ts";

/** Fewer probes than for records: the estimate needs only an order of magnitude. */
const RTT_PROBES = 9;
const SHOWN_CELLS = 12;

/** Cells to measure, with the number of missing samples of each. */
export interface PendingSamples {
  readonly cells: readonly PlannedCell[];
  readonly samples: (planned: PlannedCell) => number;
}

export interface Pending {
  readonly database: Database;
  readonly dataset: DatasetParameters;
  readonly found: Awaited<ReturnType<typeof findDataset>>;
  readonly rttMs: number;
  /** null without cells to measure */
  readonly time: TimeEstimate | null;
  /** cells to measure */
  readonly cells: readonly PlannedCell[];
}

/**
 * Reads the state of the server and changes nothing.
 * @throws BenchError FOREIGN_SCHEMA
 */
export async function findPending(database: Database, dataset: DatasetParameters, run: PendingSamples | null): Promise<Pending> {
  const found = await findDataset(database.target, dataset);
  const connection = await connect(database.target, { withSchema: false });
  try {
    const rttMs = await roundTripMs(connection, RTT_PROBES);
    return {
      database,
      dataset,
      found,
      rttMs,
      time: run === null ? null : estimateTime(run.cells, dataset, rttMs, run.samples),
      cells: run?.cells ?? [],
    };
  } finally {
    connection.destroy();
  }
}

const isUnknown = ({ sampleMs }: TimeEstimate["cells"][number]): boolean => sampleMs === null;

/** True if bench would create rows; or a schema and an account, which every run creates. */
const needsConfirmation = ({ found, time }: Pending): boolean => found !== "ready" || time !== null;

function describeTime({ cells, totalMs }: TimeEstimate, rttMs: number): string[] {
  const unknown = cells.filter(isUnknown);
  const slowest = cells.toSorted((a, b) => (b.sampleMs ?? Number.POSITIVE_INFINITY) - (a.sampleMs ?? Number.POSITIVE_INFINITY));
  const width = Math.max(...cells.map(({ id }) => id.length));
  return [
    `time      about ${duration(totalMs)}${unknown.length === 0 ? "" : " and the cells without an estimate"}, from a round trip of ${duration(rttMs)}. Time of each sample:`,
    ...slowest.slice(0, SHOWN_CELLS).map(({ id, sampleMs, isLimited }) => {
      const time = sampleMs === null ? "no estimate; --cell-limit sets a bound" : duration(sampleMs);
      return `          ${id.padEnd(width)}  ${time}${isLimited ? " (its limit)" : ""}`;
    }),
    ...(cells.length > SHOWN_CELLS ? [`          and ${cells.length - SHOWN_CELLS} faster ones`] : []),
  ];
}

/** The text of the prompt. */
function describePending({ database, dataset, found, rttMs, time, cells }: Pending): string {
  const earlierBytes = bytesOf(dataset, cells) - bytesOf(dataset);
  const { target, serverVersion } = database;
  const rows = totalRows(dataset).toLocaleString("en");
  const data = {
    ready: `schema    ${target.schema} already contains the data`,
    otherVersion: `schema    ${target.schema}: another version of bench made its data. bench replaces it by ${rows} rows of version ${GENERATOR_VERSION} of the data; times before and after are not comparable`,
    other: `schema    ${target.schema}: bench replaces its earlier data by ${rows} rows`,
    none: `schema    ${target.schema}: bench creates it with ${rows} rows`,
  }[found];
  return [
    `${describeTarget(target)} (${serverVersion}) is a server that bench does not manage. bench would create there:`,
    data,
    ...(found === "ready" ? [] : [`size      about ${bytes(bytesOf(dataset))} on its disk, and its binary log`]),
    ...(time === null
      ? []
      : [
          ...(earlierBytes === 0
            ? []
            : [`earlier   about ${bytes(earlierBytes)} of rows of earlier runs (--prefill), until the run ends`]),
          `also      schema ${target.schema}_scratch and an account for the measured processes, until the run ends`,
          ...describeTime(time, rttMs),
        ]),
  ].join("\n");
}

interface ConfirmationSettings {
  readonly yes: boolean;
  /** true: bench drops existing data, even if it is the same */
  readonly replaces?: boolean;
  readonly show: (text: string) => void;
  /** aborts the prompt */
  readonly signal: AbortSignal;
}

/**
 * Returns after a confirmation: by --yes, by the user at the terminal, or because bench would create nothing.
 * @throws BenchError CONFIRMATION_NEEDED, INTERRUPTED
 */
export async function confirmPending(pending: Pending, settings: ConfirmationSettings): Promise<void> {
  if (settings.replaces !== true && !needsConfirmation(pending)) return;
  const text = describePending(settings.replaces === true ? { ...pending, found: "other" } : pending);
  const refused = (what: string): BenchError =>
    new BenchError("CONFIRMATION_NEEDED", what, "bench changed nothing; pass --yes to confirm");
  if (settings.yes) return settings.show(text);
  if (!canPrompt()) throw refused(`${text}\ncannot prompt for confirmation: standard input is not a terminal`);
  process.stderr.write(`${text}\n`);
  if (!(await promptYesNo("Continue?", settings.signal))) throw refused("not confirmed");
}
