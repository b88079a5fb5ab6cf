/**
 * Lines at the bottom of a terminal that are redrawn in place. All other output to the terminal appears above them. The
 * cursor stays hidden while the block exists, and returns however the process ends.
 */
import { styleText } from "node:util";
import { onExit } from "signal-exit";
import stringWidth from "string-width";

type Stream = NodeJS.WriteStream;
export type Style = Parameters<typeof styleText>[0];

/** The area for drawing. */
export interface Canvas {
  /** the longest allowed line */
  readonly columns: number;
  /** the largest allowed number of lines */
  readonly rows: number;
  /** the colours that `NO_COLOR`, `FORCE_COLOR` and the terminal allow */
  readonly paint: (style: Style, text: string) => string;
}

export type Render = (canvas: Canvas) => readonly string[];

export interface LiveBlock extends Disposable {
  /** Draws at once, ahead of the interval. */
  redraw(): void;
}

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
const WRAP_OFF = "\u001b[?7l";
const WRAP_ON = "\u001b[?7h";
const CLEAR_LINE = "\u001b[K";
const CLEAR_BELOW = "\u001b[J";
const up = (lines: number): string => (lines === 0 ? "\r" : `\r\u001b[${lines}A`);

/** A terminal of unknown size reports 0. */
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

/** The screen has one bottom line: a new block replaces the earlier one. */
let current: LiveBlock | null = null;
let isOver = false;

export const canBeLive = (stream: Stream): boolean => stream.isTTY && process.env["TERM"] !== "dumb" && !isOver;

/** For the start of a program: an earlier one in this process may have ended. */
export function allowLiveBlocks(): void {
  isOver = false;
}

/** For the end of the program: work that an interruption left behind must not draw any more. */
export function endLiveBlocks(): void {
  current?.[Symbol.dispose]();
  isOver = true;
}

/** @param everyMs the interval between two drawings */
export function openLiveBlock(stream: Stream, render: Render, everyMs: number): LiveBlock {
  current?.[Symbol.dispose]();
  const columns = (): number => stream.columns || DEFAULT_COLUMNS;
  const rows = (): number => stream.rows || DEFAULT_ROWS;
  const paint = (style: Style, text: string): string => styleText(style, text, { stream });
  const write = stream.write.bind(stream);
  let drawn: readonly string[] = [];

  /** Moves the cursor to the start of the block. After a terminal became narrower, one line can occupy several rows. */
  const toStart = (): string => {
    const broken = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(stringWidth(line) / columns())), 0);
    return up(Math.min(broken, rows() - 1));
  };
  const erase = (): void => {
    if (drawn.length > 0) write(toStart() + CLEAR_BELOW);
    drawn = [];
  };
  /** Draws in one write and does not clear the block first, which would flicker. */
  const draw = (): void => {
    const start = toStart();
    // The cursor needs one row below the last line.
    drawn = render({ columns: columns(), rows: rows() - 1, paint }).slice(0, rows() - 1);
    write(`${start}${WRAP_OFF}${drawn.map((line) => `${line}${CLEAR_LINE}\n`).join("")}${WRAP_ON}${CLEAR_BELOW}`);
  };

  const unhook = hookWrites(stream, (writeThrough) => {
    erase();
    writeThrough();
    draw();
  });
  const timer = setInterval(draw, everyMs).unref();
  const onStop = (): void => {
    erase();
    write(SHOW_CURSOR);
    process.kill(process.pid, "SIGSTOP");
  };
  const onContinue = (): void => {
    write(HIDE_CURSOR);
    draw();
  };
  const block: LiveBlock = {
    redraw: draw,
    [Symbol.dispose]() {
      if (current !== block) return;
      current = null;
      clearInterval(timer);
      stream.off("resize", draw);
      removeExitHandler();
      process.off("SIGTSTP", onStop);
      process.off("SIGCONT", onContinue);
      unhook();
      erase();
      write(SHOW_CURSOR);
    },
  };
  current = block;
  // A signal ends the process only if no other listener decides about the work and about this block.
  const removeExitHandler = onExit(block[Symbol.dispose]);
  stream.on("resize", draw);
  process.on("SIGTSTP", onStop);
  process.on("SIGCONT", onContinue);
  write(HIDE_CURSOR);
  draw();
  return block;
}

/**
 * Calls `around` for every write to the terminal by other code; `around` decides when that write happens. @returns a
 * function that removes the hook
 */
function hookWrites(stream: Stream, around: (writeThrough: () => void) => void): () => void {
  const hooked = new Set([stream, ...(stream === process.stderr && process.stdout.isTTY ? [process.stdout] : [])]);
  const originals = [...hooked].map((target) => {
    const original = target.write.bind(target);
    const writeAround = (chunk: string | Uint8Array, ...rest: never[]): boolean => {
      let isFlushed = true;
      around(() => {
        isFlushed = original(chunk, ...rest);
        // The block must start on a new line.
        if (!Buffer.from(chunk).toString("utf8").endsWith("\n")) original("\n");
      });
      return isFlushed;
    };
    target.write = writeAround;
    return { target, original };
  });
  return () => {
    for (const { target, original } of originals) target.write = original;
  };
}
