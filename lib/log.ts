/**
 * Messages for people while a command runs. All of them go to standard error, so that standard output contains only results.
 * On a terminal, progress is one line that is redrawn. In CI and files it is a plain line every 2 seconds.
 */
import cliTruncate from "cli-truncate";
import { styleText } from "node:util";
import { canBeLive, openLiveBlock, type Canvas, type LiveBlock, type Render, type Style } from "./live-block.ts";

export interface Progress {
  /** @param done units done so far, from 0 to the total */
  update(done: number): void;
  stop(): void;
}

export interface Log {
  info(line: string): void;
  warn(line: string): void;
  /** only with --verbose */
  detail(line: string): void;
  /** For work that takes over a second: shows the units done, units per second and the remaining time. */
  progress(label: string, total: number, unit: string): Progress;
  /** Lines below all other output that are redrawn in place. @returns null without a terminal, and with --quiet */
  live(render: Render): LiveBlock | null;
}

export type LogLevel = "quiet" | "normal" | "verbose";

type Stream = NodeJS.WriteStream;

/** The colours that `NO_COLOR`, `FORCE_COLOR` and the stream allow. */
export function paint(style: Style, text: string, stream: Stream = process.stderr): string {
  return styleText(style, text, { stream });
}

export const hasColour = (stream: Stream): boolean => paint("bold", "x", stream) !== "x";

const PLAIN_LINE_EVERY_MS = 2_000;
const BAR_EVERY_MS = 200;
/** For a terminal of 80 columns; wide terminals get a bar of twice the length. */
const BAR_COLUMNS = 10;
const WIDE_FROM = 100;
/** A block can run beside a measurement for an hour. A longer interval keeps its cost out of the measurement. */
const LIVE_EVERY_MS = 1_000;

function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** @param fraction from 0 to 1 */
export function bar(fraction: number, columns: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, fraction)) * columns);
  return "█".repeat(filled) + "░".repeat(columns - filled);
}

/** A trial takes seconds: its rate per second was always "0 trials/s". */
function rateText(perSecond: number, unit: string): string {
  const [rate, time] = perSecond < 1 ? [perSecond * 60, "min"] : [perSecond, "s"];
  return `${Math.round(rate).toLocaleString("en")} ${unit}/${time}`;
}

function progressText(label: string, done: number, total: number, unit: string, startedAt: number): string {
  const seconds = (performance.now() - startedAt) / 1000;
  const rate = seconds > 0 ? done / seconds : 0;
  const left = rate > 0 ? formatSeconds((total - done) / rate) : "?";
  const percent = total > 0 ? Math.floor((done / total) * 100) : 100;
  const count = `${done.toLocaleString("en")} of ${total.toLocaleString("en")} ${unit}`;
  // The most important part comes first: a narrow terminal cuts off the rest.
  return `${label}  ${percent} %  ETA ${left}  ${count}  ${rateText(rate, unit)}`;
}

function barProgress(stream: Stream, label: string, total: number, unit: string): Progress {
  const startedAt = performance.now();
  let done = 0;
  const render = ({ columns }: Canvas): string[] => {
    const drawn = bar(total === 0 ? 1 : done / total, columns < WIDE_FROM ? BAR_COLUMNS : 2 * BAR_COLUMNS);
    return [cliTruncate(`${drawn} ${progressText(label, done, total, unit, startedAt)}`, columns)];
  };
  const block = openLiveBlock(stream, render, BAR_EVERY_MS);
  return { update: (now) => void (done = now), stop: () => block[Symbol.dispose]() };
}

function plainProgress(write: (line: string) => void, label: string, total: number, unit: string): Progress {
  const startedAt = performance.now();
  let lastLineAt = startedAt;
  return {
    update(done) {
      const now = performance.now();
      if (now - lastLineAt < PLAIN_LINE_EVERY_MS) return;
      lastLineAt = now;
      write(progressText(label, done, total, unit, startedAt));
    },
    stop() {},
  };
}

const silentProgress: Progress = { update() {}, stop() {} };

/** @param stream receives the lines, by default standard error */
export function createLog(level: LogLevel = "normal", stream: Stream = process.stderr): Log {
  const write = (line: string): void => void stream.write(`${line}\n`);
  return {
    info: (line) => (level === "quiet" ? undefined : write(line)),
    warn: (line) => write(`${paint("yellow", "warning:", stream)} ${line}`),
    detail: (line) => (level === "verbose" ? write(paint("dim", line, stream)) : undefined),
    progress(label, total, unit) {
      if (level === "quiet") return silentProgress;
      return canBeLive(stream) ? barProgress(stream, label, total, unit) : plainProgress(write, label, total, unit);
    },
    live: (render) => (level !== "quiet" && canBeLive(stream) ? openLiveBlock(stream, render, LIVE_EVERY_MS) : null),
  };
}

/** Prints nothing: for tests and for background work. */
export const silentLog: Log = { info() {}, warn() {}, detail() {}, progress: () => silentProgress, live: () => null };
