/** Extracts the sentences of Markdown and of comments, without code, link targets and the blocks that `npm run readme` generates. */

export interface Sentence {
  readonly line: number;
  readonly text: string;
  readonly words: number;
}

const GENERATED = /<!-- [a-z-]+ from \S+ -->[\s\S]*?<!-- end -->/g;
/** Markers around examples of bad text. */
const SWITCHED_OFF = /<!-- text-lint: off -->[\s\S]*?<!-- text-lint: on -->/g;
const FENCED = /^```[\s\S]*?^```/gm;
const COMMENT = /<!--[\s\S]*?-->/g;
const INLINE_CODE = /`[^`\n]*`/g;
const LINK = /(!?\[[^\]]*\])\([^)]*\)/g;
/** An empty line, a list item, a heading or a table cell begins a sentence even where no full stop precedes it. */
const BLOCK_BOUNDARY = /\n\s*\n|\n(?=\s*(?:[-*]|\d+\.)\s)|\n(?=#)|\s*(?:\n\s*)?\|\s*/;
const SENTENCE_BOUNDARY = /(?<=[.!?])\*{0,2}\s+/;

/** Replaces text by blanks that keep offsets and line numbers. */
const blank = (text: string): string => text.replaceAll(/[^\n]/g, " ");

/** @returns the text with blanks instead of everything except prose. A code span becomes `code`, which counts as a word. */
export function proseOf(markdown: string): string {
  return [GENERATED, SWITCHED_OFF, FENCED, COMMENT]
    .reduce((text, pattern) => text.replaceAll(pattern, blank), markdown)
    .replaceAll(INLINE_CODE, (span) => "code".padEnd(span.length))
    .replaceAll(LINK, (link, label: string) => label.padEnd(link.length));
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

export function sentencesOf(markdown: string): Sentence[] {
  const prose = proseOf(markdown);
  let offset = 0;
  return prose.split(BLOCK_BOUNDARY).flatMap((block) => {
    const start = prose.indexOf(block, offset);
    offset = start + block.length;
    return block.split(SENTENCE_BOUNDARY).flatMap((part) => {
      const text = part.replaceAll(/\s+/g, " ").trim();
      const words = text.split(" ").filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
      return words === 0 ? [] : [{ line: lineAt(prose, prose.indexOf(part, start)), text, words }];
    });
  });
}

const COMMENT_LINE = /^\s*\/\/ ?(.*)$/;
const BLOCK_LINE = /^\s*(?:\/\*\*?|\*(?!\/))? ?(.*?)\s*(?:\*\/.*)?$/;

/**
 * @returns Markdown with the comments of TypeScript or JavaScript, and an empty line for each line of code. A tag such as `@param`
 * begins a list item, because it begins a sentence. A colon or a semicolon ends one: the reason behind it is often short. A comment
 * behind code is left out, because `//` can be a part of a string there.
 */
export function commentsOf(code: string): string {
  let isInside = false;
  const lines = code.split("\n").map((line) => {
    const isBegin = !isInside && /^\s*\/\*/.test(line);
    if (!isInside && !isBegin) return COMMENT_LINE.exec(line)?.[1] ?? "";
    isInside = !line.includes("*/");
    return BLOCK_LINE.exec(line)?.[1] ?? "";
  });
  return lines
    .map((line) => line.replace(/^@/, "- @").replaceAll(/ @(returns|throws|param)\b/g, " | @$1"))
    .map((line) => line.replaceAll(/[:;](?=\s|$)/g, "."))
    .join("\n");
}
