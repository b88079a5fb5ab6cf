/** The screen of a terminal: the visible lines after the text and the control sequences that bench prints. */
import { PassThrough } from "node:stream";

/** A stream that counts as a terminal, and its screen. */
export interface FakeTerminal {
  readonly stream: NodeJS.WriteStream;
  readonly screen: Screen;
  /** the complete output */
  written(): string;
  resize(columns: number, rows: number): void;
}

export const ESC = "\u001b";
const SEQUENCE = new RegExp(`${ESC}\\[(\\?)?([\\d;]*)([A-Za-z])|\\r|\\n|[^${ESC}\\r\\n]+`, "g");

export class Screen {
  readonly columns: number;
  /** including the lines that scrolled off the screen */
  readonly #lines: string[] = [""];
  #line = 0;
  #column = 0;
  #isCursorVisible = true;

  constructor(columns: number) {
    this.columns = columns;
  }

  /** @throws on an unknown control sequence */
  write(text: string): void {
    for (const [token, isPrivate, digits, final] of text.matchAll(SEQUENCE)) {
      if (token === "\r") this.#column = 0;
      else if (token === "\n") this.#newLine();
      else if (final === undefined) this.#print(token);
      else if (isPrivate !== undefined) this.#mode(digits ?? "", final);
      else this.#control(digits ?? "", final);
    }
  }

  get lines(): readonly string[] {
    return this.#lines
      .map((line) => line.trimEnd())
      .join("\n")
      .trimEnd()
      .split("\n");
  }

  get isCursorVisible(): boolean {
    return this.#isCursorVisible;
  }

  #newLine(): void {
    this.#line += 1;
    this.#column = 0;
    if (this.#line === this.#lines.length) this.#lines.push("");
  }

  #print(text: string): void {
    for (const character of text) {
      if (this.#column === this.columns) this.#newLine();
      const line = (this.#lines[this.#line] ?? "").padEnd(this.#column);
      this.#lines[this.#line] = line.slice(0, this.#column) + character + line.slice(this.#column + 1);
      this.#column += 1;
    }
  }

  #mode(digits: string, final: string): void {
    if (digits === "25") this.#isCursorVisible = final === "h";
    else if (digits !== "7") throw new Error(`unknown mode ${digits}`);
  }

  #control(digits: string, final: string): void {
    if (final === "A") this.#line = Math.max(0, this.#line - Number(digits));
    else if (final === "K") this.#lines[this.#line] = (this.#lines[this.#line] ?? "").slice(0, this.#column);
    else if (final === "J") {
      this.#lines.splice(this.#line + 1);
      this.#lines[this.#line] = (this.#lines[this.#line] ?? "").slice(0, this.#column);
    } else if (final !== "m") throw new Error(`unknown control ${digits}${final}`);
  }
}

export function fakeTerminal(columns = 80, rows = 24): FakeTerminal {
  const screen = new Screen(columns);
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns, rows, getColorDepth: () => 4 });
  let written = "";
  stream.write = ((chunk: string) => {
    written += chunk;
    screen.write(chunk);
    return true;
  }) as typeof stream.write;
  return {
    stream: stream as unknown as NodeJS.WriteStream,
    screen,
    written: () => written,
    resize(newColumns, newRows) {
      Object.assign(stream, { columns: newColumns, rows: newRows });
      stream.emit("resize");
    },
  };
}
