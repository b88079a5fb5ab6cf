import { describe, expect, it } from "vitest";
import { columnsOf, widthOf, wrap } from "../../harness/text/layout.ts";

const linesOf = (...args: Parameters<typeof wrap>): string[] => wrap(...args).split("\n");

describe("wrapped text", () => {
  it("breaks between words and indents all lines except the first", () => {
    expect(linesOf("one two three four", 12, "  ")).toEqual(["one two", "  three four"]);
  });
  it("keeps its leading spaces and the spaces between columns", () => {
    expect(linesOf("  ok     the server is near", 20, "         ")).toEqual([
      "  ok     the",
      "         server is",
      "         near",
    ]);
  });
  it("leaves a number beside its unit, and breaks before other words", () => {
    expect(linesOf("differs by 1.3 % of", 16)).toEqual(["differs by 1.3 %", "of"]);
    expect(linesOf("differs by 1.3 % of", 15)).toEqual(["differs by", "1.3 % of"]);
    expect(linesOf("waited 2 seconds", 8)).toEqual(["waited 2", "seconds"]);
    expect(linesOf("writes 5 MiB/s and 5 MiB", 8)).toEqual(["writes 5", "MiB/s", "and", "5 MiB"]);
  });
  it("breaks inside a word when the word has no room", () => {
    expect(linesOf("a /very/long/path/of/a/file b", 12)).toEqual(["a /very/long", "/path/of/a/f", "ile b"]);
  });
  it("fits when a character takes two columns, and when colour codes take none", () => {
    const korean = linesOf("가나다 라마바 사아자", 14);
    expect(korean).toEqual(["가나다 라마바", "사아자"]);
    expect(korean.map(widthOf)).toEqual([13, 6]);
    expect(linesOf("\u001b[31mred\u001b[39m and blue", 12)).toHaveLength(1);
  });
  it("keeps its own line breaks", () => {
    expect(linesOf("one\ntwo three", 20, "  ")).toEqual(["one", "  two three"]);
  });
});

describe("the width of tables", () => {
  it("is that of the terminal, and 80 for a file or a pipe", () => {
    expect(columnsOf({ isTTY: true, columns: 143 })).toBe(143);
    expect(columnsOf({ isTTY: true, columns: 12 })).toBe(40);
    expect(columnsOf({ isTTY: true, columns: 0 })).toBe(80);
    expect(columnsOf({ columns: 143 })).toBe(80);
    expect(columnsOf({})).toBe(80);
  });
});
