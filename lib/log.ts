/**
 * What people see while something runs. All of it goes to standard error, so that standard output carries results alone.
 * On a terminal progress is one line that is rewritten; elsewhere (CI, a file) it is a plain line every few seconds.
 */
import { SingleBar } from "cli-progress";
import { styleText } from "node:util";

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
  /** For anything that takes over a second: shows units done, units per second and the time left. */
  progress(label: string, total: number, unit: string): Progress;
}

export type LogLevel = "quiet" | "normal" | "verbose";

type Stream = NodeJS.WriteStream;

/** The colours that `NO_COLOR`, `FORCE_COLOR` and the stream allow. */
export function paint(style: Parameters<typeof styleText>[0], text: string, stream: Stream = process.stderr): string {
  return styleText(style, text, { stream });
}

const PLAIN_LINE_EVERY_MS = 2_000;

function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function progressText(label: string, done: number, total: number, unit: string, startedAt: number): string {
  const seconds = (performance.now() - startedAt) / 1000;
  const rate = seconds > 0 ? done / seconds : 0;
  const left = rate > 0 ? formatSeconds((total - done) / rate) : "?";
  const percent = total > 0 ? Math.floor((done / total) * 100) : 100;
  const count = `${done.toLocaleString("en")} of ${total.toLocaleString("en")} ${unit}`;
  return `${label}  ${percent} %  ${count}  ${Math.round(rate).toLocaleString("en")} ${unit}/s  ETA ${left}`;
}

function barProgress(stream: Stream, label: string, total: number, unit: string): Progress {
  const startedAt = performance.now();
  const bar = new SingleBar({
    stream,
    hideCursor: true,
    clearOnComplete: true,
    fps: 5,
    format: (options, params) => {
      const width = 20;
      const filled = Math.round(Math.min(1, params.progress) * width);
      const drawn =
        (options.barCompleteString ?? "").slice(0, filled) + (options.barIncompleteString ?? "").slice(0, width - filled);
      return `${drawn} ${progressText(label, params.value, params.total, unit, startedAt)}`;
    },
    barCompleteChar: "█",
    barIncompleteChar: "░",
  });
  bar.start(total, 0);
  return { update: (done) => bar.update(done), stop: () => bar.stop() };
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

/** @param stream where the lines go, standard error unless told */
export function createLog(level: LogLevel = "normal", stream: Stream = process.stderr): Log {
  const write = (line: string): void => void stream.write(`${line}\n`);
  return {
    info: (line) => (level === "quiet" ? undefined : write(line)),
    warn: (line) => write(`${paint("yellow", "warning:", stream)} ${line}`),
    detail: (line) => (level === "verbose" ? write(paint("dim", line, stream)) : undefined),
    progress(label, total, unit) {
      if (level === "quiet") return silentProgress;
      return stream.isTTY ? barProgress(stream, label, total, unit) : plainProgress(write, label, total, unit);
    },
  };
}

/** Says nothing: for tests and for work in the background. */
export const silentLog: Log = { info() {}, warn() {}, detail() {}, progress: () => silentProgress };
