/** Before anything is made on a server that isn't ours: what, how much, how long; and whether that is wanted. */
import { findDataset, totalRows, type DatasetParameters } from "../../fixtures/index.ts";
import { connect } from "../../lib/connection.ts";
import { BenchError } from "../../lib/errors.ts";
import { describeTarget } from "../../lib/target.ts";
import type { PlannedCell } from "../plan/planned-cell.ts";
import type { Database } from "../database/index.ts";
import { bytesOf, estimateTime, type TimeEstimate } from "../plan/estimate.ts";
import { roundTripMs } from "../probes/environment.ts";
import { duration } from "../text/format.ts";
import { askYesNo, canAsk } from "../text/terminal.ts";

/** Fewer than the records' own: it is asked for a magnitude. */
const RTT_PROBES = 9;
const SHOWN_CELLS = 12;

/** Cells to be measured, with how many samples of each are missing. */
export interface PendingSamples {
  readonly cells: readonly PlannedCell[];
  readonly samples: (cellId: string) => number;
}

export interface Pending {
  readonly database: Database;
  readonly dataset: DatasetParameters;
  readonly found: Awaited<ReturnType<typeof findDataset>>;
  readonly rttMs: number;
  /** null: nothing will be measured */
  readonly time: TimeEstimate | null;
}

/**
 * Looks at the server without changing anything.
 * @throws BenchError FOREIGN_SCHEMA
 */
export async function findPending(database: Database, dataset: DatasetParameters, run: PendingSamples | null): Promise<Pending> {
  const found = await findDataset(database.target, dataset);
  const connection = await connect(database.target, { withSchema: false });
  try {
    const rttMs = await roundTripMs(connection, RTT_PROBES);
    return { database, dataset, found, rttMs, time: run === null ? null : estimateTime(run.cells, dataset, rttMs, run.samples) };
  } finally {
    connection.destroy();
  }
}

const isUnknown = ({ sampleMs }: TimeEstimate["cells"][number]): boolean => sampleMs === null;

/** Whether anything is made there at all: rows, or for every run a schema and an account. */
const needsConfirmation = ({ found, time }: Pending): boolean => found !== "ready" || time !== null;

const megabytes = (bytes: number): string => `${Math.max(1, Math.round(bytes / 1e6)).toLocaleString("en")} MB`;

function describeTime({ cells, totalMs }: TimeEstimate, rttMs: number): string[] {
  const unknown = cells.filter(isUnknown);
  const slowest = cells.toSorted((a, b) => (b.sampleMs ?? Number.POSITIVE_INFINITY) - (a.sampleMs ?? Number.POSITIVE_INFINITY));
  const width = Math.max(...cells.map(({ id }) => id.length));
  return [
    `time      about ${duration(totalMs)}${unknown.length === 0 ? "" : " and what can't be estimated"}, from a round trip of ${duration(rttMs)}; of each sample:`,
    ...slowest.slice(0, SHOWN_CELLS).map(({ id, sampleMs, isLimited }) => {
      const time = sampleMs === null ? "not estimated: --cell-limit would bound it" : duration(sampleMs);
      return `          ${id.padEnd(width)}  ${time}${isLimited ? " (its limit)" : ""}`;
    }),
    ...(cells.length > SHOWN_CELLS ? [`          and ${cells.length - SHOWN_CELLS} faster ones`] : []),
  ];
}

/** For people, as lines. */
function describePending({ database, dataset, found, rttMs, time }: Pending): string {
  const { target, serverVersion } = database;
  const rows = totalRows(dataset).toLocaleString("en");
  const data = {
    ready: `schema    ${target.schema} holds the data already`,
    other: `schema    ${target.schema}: other data of ours there is replaced by ${rows} rows`,
    none: `schema    ${target.schema} is made, with ${rows} rows`,
  }[found];
  return [
    `${describeTarget(target)} (${serverVersion}) is not a server of ours. There:`,
    data,
    ...(found === "ready" ? [] : [`size      about ${megabytes(bytesOf(dataset))} on its disk, and its binary log`]),
    ...(time === null
      ? []
      : [
          `also      schema ${target.schema}_scratch and an account for the measured processes, while it runs`,
          ...describeTime(time, rttMs),
        ]),
  ].join("\n");
}

interface ConfirmationSettings {
  readonly yes: boolean;
  /** data that is there goes, even if it is the same */
  readonly replaces?: boolean;
  readonly show: (text: string) => void;
  /** nobody is waited for when it is aborted */
  readonly signal: AbortSignal;
}

/**
 * Returns when it is wanted: it was said beforehand, there is nothing to ask about, or somebody at the terminal says so.
 * @throws BenchError CONFIRMATION_NEEDED, INTERRUPTED
 */
export async function confirmPending(pending: Pending, settings: ConfirmationSettings): Promise<void> {
  if (settings.replaces !== true && !needsConfirmation(pending)) return;
  const text = describePending(settings.replaces === true ? { ...pending, found: "other" } : pending);
  const refused = (what: string): BenchError =>
    new BenchError("CONFIRMATION_NEEDED", what, "nothing was changed there; --yes says that it is wanted");
  if (settings.yes) return settings.show(text);
  if (!canAsk()) throw refused(`${text}\nNobody is at a terminal to be asked whether that is wanted`);
  process.stderr.write(`${text}\n`);
  if (!(await askYesNo("Go on?", settings.signal))) throw refused("it was not wanted");
}
