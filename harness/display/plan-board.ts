/** Renders a {@link RunState} as one row per planned cell, at most as wide and as high as the terminal. */
import cliTruncate from "cli-truncate";
import type { Canvas } from "../../lib/live-block.ts";
import { bar } from "../../lib/log.ts";
import { ormLabel, type Cell } from "../plan/cell.ts";
import { roundsOfCell } from "../plan/planned-samples.ts";
import { duration, ESTIMATE_MARK } from "../text/format.ts";
import { elapsed, left } from "./eta.ts";
import { skipReasonOf, timeSoFar, type CellState, type CurrentView, type RunState } from "./run-state.ts";

const STATE_COLUMNS = 26;
const TIME_COLUMNS = 9;
const MIN_NAME_COLUMNS = 16;
const BAR_COLUMNS = 20;
/** The heading and the line below the rows. */
const OTHER_LINES = 2;
/** Lines that a terminal of at least `SPARE_FROM_LINES` keeps above the board, so that warnings stay visible. */
const KEPT_LINES = 4;
const SPARE_FROM_LINES = 16;
/** The board shows the elapsed time of a phase from this duration. */
const SHOW_PHASE_MS = 2_000;

type Style = Parameters<Canvas["paint"]>[0];

/** Cuts out the middle: the beginning and the end of a cell's name distinguish it from the others. */
export const shorten = (text: string, columns: number): string => cliTruncate(text, columns, { position: "middle" });

/** The parts of a cell's id after technique and library. */
const axesOf = ({ id }: Cell): string[] => id.split("/").slice(2);

/** Names of the cells without the axes that all cells share, which `common` lists. Chunk sizes compare chunked cells only. */
function shortNames(cells: readonly Cell[]): { readonly names: readonly string[]; readonly common: string } {
  const chunked = cells.filter(({ chunkUsers }) => chunkUsers !== null);
  const isCommon = (part: string): boolean =>
    (part.startsWith("chunk=") ? chunked : cells).every((cell) => axesOf(cell).includes(part));
  const common = cells.length < 2 ? [] : [...new Set(cells.flatMap(axesOf))].filter(isCommon);
  return {
    names: cells.map((cell) =>
      [cell.strategy, ormLabel(cell), ...axesOf(cell).filter((part) => !common.includes(part))].join("/"),
    ),
    common: common.join(", "),
  };
}

const label = (phase: string, phaseMs: number): string => (phaseMs < SHOW_PHASE_MS ? phase : `${phase} ${elapsed(phaseMs)}`);

function stateOfCurrent({ phase, phaseMs, progress }: CurrentView): string {
  if (progress === null) return label(phase, phaseMs);
  return `${phase} ${Math.floor(progress.fraction * 100)} %  ${progress.rate}`;
}

/** Reports the worst outcome of the cell's samples. */
function stateOf(state: CellState, rounds: number): [text: string, style: Style] {
  const { samples, limitMs } = state;
  const failed = samples.find(({ status }) => status === "failed");
  if (failed !== undefined) return [`failed: ${failed.reason}`, "red"];
  const skipReason = skipReasonOf(state);
  if (skipReason !== null) return [`skipped: ${skipReason}`, "dim"];
  if (samples.length < rounds) return ["waiting", "dim"];
  if (samples.some(({ status }) => status === "timed-out")) return [`stopped by its limit, ${(limitMs ?? 0) / 1000} s`, "yellow"];
  return ["done", "green"];
}

function timeOf(state: CellState): string {
  const time = timeSoFar(state);
  return time === null ? "" : `${time.isEstimate ? ESTIMATE_MARK : ""}${duration(time.ms)}`;
}

export class PlanBoard {
  readonly #run: RunState;
  readonly #names: readonly string[];
  readonly #heading: string;
  /** index of the first visible cell */
  #top = 0;

  constructor(run: RunState) {
    this.#run = run;
    const { names, common } = shortNames(run.cells.map(({ cell }) => cell));
    this.#names = names;
    this.#heading = common === "" ? "cell" : `cell (${common})`;
  }

  render({ columns, rows, paint }: Canvas): string[] {
    const { cells, current, plan } = this.#run;
    const height = rows - (rows < SPARE_FROM_LINES ? 0 : KEPT_LINES);
    const currentIndex = cells.findIndex((state) => state === current?.state);
    const [from, to] = this.#window(Math.max(0, height - OTHER_LINES), currentIndex);

    const doneColumns = Math.max("done".length, `${plan.rounds}/${plan.rounds}`.length);
    const fixed = 2 + 2 + doneColumns + 2 + TIME_COLUMNS + 2;
    const longest = Math.max(...[this.#heading, ...this.#names].map((name) => name.length));
    const nameColumns = Math.min(longest, Math.max(MIN_NAME_COLUMNS, columns - fixed - STATE_COLUMNS));
    /** All columns except the state. The state fills the rest of the line. */
    const front = (mark: string, name: string, done: string, time: string): string =>
      `${mark} ${shorten(name, nameColumns).padEnd(nameColumns)}  ${done.padStart(doneColumns)}  ${time.padStart(TIME_COLUMNS)}  `;
    const fit = (text: string): string => cliTruncate(text.trimEnd(), columns);

    const heading =
      front(" ", this.#heading, "done", "median") + (to - from === cells.length ? "" : `${from + 1} to ${to} of ${cells.length}`);
    const lines = cells.slice(from, to).map((state, index) => {
      const name = this.#names[from + index] ?? "";
      const done = state.skipReason === null ? `${state.samples.length}/${roundsOfCell(state, plan.rounds)}` : "";
      if (current?.state === state) return paint("bold", fit(front(">", name, done, timeOf(state)) + stateOfCurrent(current)));
      const mark = state.samples.some(({ warnings }) => warnings.length > 0) ? "!" : " ";
      const before = front(mark, name, done, timeOf(state));
      const [text, style] = stateOf(state, roundsOfCell(state, plan.rounds));
      return before.length < columns ? before + paint(style, fit(before + text).slice(before.length)) : fit(before);
    });
    return [paint("dim", fit(heading)), ...lines, fit(this.#footer())].slice(-Math.max(1, rows));
  }

  /** Scrolls only when the current cell is not visible. */
  #window(height: number, currentIndex: number): [from: number, to: number] {
    const { length } = this.#run.cells;
    if (length <= height) this.#top = 0;
    else if (currentIndex >= 0 && (currentIndex < this.#top || currentIndex >= this.#top + height))
      this.#top = currentIndex - (height >> 1);
    this.#top = Math.max(0, Math.min(this.#top, length - height));
    return [this.#top, Math.min(length, this.#top + height)];
  }

  #footer(): string {
    const { samplesDone, samplesPlanned, elapsedMs } = this.#run;
    const leftMs = samplesDone === samplesPlanned ? null : this.#run.leftMs();
    const time = leftMs === null ? "" : `, ${left(leftMs)}`;
    return `  ${bar(samplesDone / samplesPlanned, BAR_COLUMNS)} ${samplesDone} of ${samplesPlanned} samples${time}, ${elapsed(elapsedMs)} so far`;
  }
}
