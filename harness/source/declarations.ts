/**
 * Cuts TypeScript files into their declarations, by the layout that the formatter of this project writes: a declaration starts
 * without indentation, a member of a class with two spaces. Both include the comment before them.
 */

interface Piece {
  /** null: an import, or anything else without a name */
  readonly name: string | null;
  readonly code: string;
}

const DECLARATION = /^(?:export )?(?:async )?(?:function\*?|class|const|let|interface|type) (\w+)/;
const MEMBER = /^ {2}(?:readonly |async |static |override |get |set |\*)*(#?\w+|\[[\w.]+\])[?!]?\s*[<(:=]/;
/** `[Symbol.asyncDispose]` is a member too, but no code calls it by name. */
const NAME = /^#?\w+$/;

/** @param indent of the line that starts a declaration */
function cut(lines: readonly string[], start: RegExp, indent: string): Piece[] {
  const pieces: { name: string | null; lines: string[] }[] = [];
  let comment: string[] = [];
  const isComment = (line: string): boolean => new RegExp(`^${indent}(/\\*\\*?|\\*| \\*|//)`).test(line);
  for (const line of lines) {
    const [, name] = start.exec(line) ?? [];
    if (name !== undefined) {
      pieces.push({ name, lines: [...comment, line] });
      comment = [];
    } else if (isComment(line)) comment.push(line);
    else if (line.trim() !== "" || comment.length === 0) {
      const last = pieces.at(-1);
      if (last === undefined || /^(import|export \{)/.test(line)) pieces.push({ name: null, lines: [...comment, line] });
      else last.lines.push(...comment, line);
      comment = [];
    }
  }
  return pieces.map((piece) => ({ name: piece.name, code: piece.lines.join("\n").trimEnd() }));
}

/** The named declarations of a file. */
export function declarationsOf(text: string): Map<string, string> {
  const pieces = cut(text.split("\n"), DECLARATION, "");
  return new Map(pieces.flatMap(({ name, code }) => (name === null ? [] : [[name, code] as const])));
}

/** The named members of a class. @param code of the class */
export function membersOf(code: string): Map<string, string> {
  const lines = code.split("\n");
  const head = lines.findIndex((line) => /^(export )?class /.test(line));
  const pieces = cut(lines.slice(head + 1, -1), MEMBER, "  ");
  return new Map(
    pieces.flatMap(({ name, code: member }) => (name === null || !NAME.test(name) ? [] : [[name, member] as const])),
  );
}

/** The names in a map that the code uses, and that their own code uses, in the order of the map. */
export function usedIn(code: string, known: ReadonlyMap<string, string>): Set<string> {
  const used = new Set<string>();
  const visit = (text: string): void => {
    for (const [name, own] of known) {
      if (used.has(name) || !mentions(text, name)) continue;
      used.add(name);
      visit(own);
    }
  };
  visit(code);
  return new Set([...known.keys()].filter((name) => used.has(name)));
}

const mentions = (text: string, name: string): boolean => new RegExp(`(?<![\\w#])${name}(?!\\w)`).test(text);
