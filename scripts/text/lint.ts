/**
 * Checks the text of the project: `npm run lint:words`. Markdown has no banned phrase and no sentence over 25 words. Code has no
 * banned phrase in comments, strings and names, and no comment with such a sentence. Exit code 1 after a finding.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { outputOf } from "../../lib/run-program.ts";
import { BANNED_PHRASES, FIXED_NAMES } from "./banned-phrases.ts";
import { commentsOf, proseOf, sentencesOf } from "./prose.ts";

export const MAX_SENTENCE_WORDS = 25;

/** Their subject is the banned phrases, so they contain them. */
const EXEMPT_FILES = new Set(["scripts/text/banned-phrases.ts", "test/docs/text.test.ts"]);

const ROOT = new URL("../../", import.meta.url);

const FIXED_NAME = new RegExp(String.raw`\b(${FIXED_NAMES.join("|")})\b`, "g");
const WORD_BOUNDARY = /(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_/g;

/** `#setUp` -> `#set Up`, `SET_UP` -> `SET UP`: without this, names contained phrases that the list forbids elsewhere. */
const wordsOfNames = (line: string): string => line.replaceAll(FIXED_NAME, "").replaceAll(WORD_BOUNDARY, " ");

/** @returns one line per finding, `line: text` */
function bannedPhrasesIn(text: string): string[] {
  return text.split("\n").flatMap((line, index) => {
    const written = line.replaceAll(FIXED_NAME, "");
    return BANNED_PHRASES.flatMap(({ pattern, instead }) => {
      const insensitive = new RegExp(pattern, "i");
      const [found] = insensitive.exec(written) ?? insensitive.exec(wordsOfNames(line)) ?? [];
      return found === undefined ? [] : [`${index + 1}: "${found}": ${instead}`];
    });
  });
}

const longSentencesIn = (markdown: string): string[] =>
  sentencesOf(markdown)
    .filter(({ words }) => words > MAX_SENTENCE_WORDS)
    .map((sentence) => `${sentence.line}: ${sentence.words} words, at most ${MAX_SENTENCE_WORDS}: ${sentence.text}`);

export const lintCode = (text: string): string[] => [...bannedPhrasesIn(text), ...longSentencesIn(commentsOf(text))];

/** Of YAML and shell scripts, whose comments have another form. */
const lintPlain = bannedPhrasesIn;

export const lintMarkdown = (text: string): string[] => [...bannedPhrasesIn(proseOf(text)), ...longSentencesIn(text)];

/** Only the description: names of packages are not text of the project. */
export function lintPackage(text: string): string[] {
  const lines = text.split("\n").map((line) => /^\s*"description": "(.*)",?$/.exec(line)?.[1] ?? "");
  return lintMarkdown(lines.join("\n"));
}

const LINTERS: readonly (readonly [files: RegExp, lint: (text: string) => string[]])[] = [
  [/\.md$/, lintMarkdown],
  [/\.(ts|cjs|mjs)$|\.client\.js$/, lintCode],
  [/\.yml$|^\.ci\/run$|^CITATION\.cff$/, lintPlain],
  [/(^|\/)package\.json$/, lintPackage],
];

const linterOf = (path: string) => LINTERS.find(([files]) => files.test(path))?.[1];

/** The files that git lists, without rendered results. */
export async function textFiles(): Promise<string[]> {
  const listed = await outputOf("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: fileURLToPath(ROOT) });
  return listed.split("\n").filter((path) => linterOf(path) !== undefined && !/^results\/.*\//.test(path));
}

export async function lintFile(path: string): Promise<string[]> {
  const text = await readFile(new URL(path, ROOT), "utf8");
  return (linterOf(path)?.(text) ?? []).map((finding) => `${path}:${finding}`);
}

const isChecked = (path: string): boolean => !EXEMPT_FILES.has(path);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const findings = (await Promise.all((await textFiles()).filter(isChecked).map(lintFile))).flat();
  for (const finding of findings) process.stdout.write(`${finding}\n`);
  if (findings.length > 0) process.exitCode = 1;
}
