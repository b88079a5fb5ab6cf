/**
 * Checks the text of the project: `npm run lint:words`. Markdown has no banned phrase and no sentence over 25 words. Code has no
 * banned phrase, in comments, strings and names. Exit code 1 after a finding.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { outputOf } from "../../lib/run-program.ts";
import { BANNED_PHRASES } from "./banned-phrases.ts";
import { proseOf, sentencesOf } from "./prose.ts";

export const MAX_SENTENCE_WORDS = 25;

/** Their subject is the banned phrases, so they contain them. */
const EXEMPT_FILES = new Set(["scripts/text/banned-phrases.ts", "test/docs/text.test.ts"]);

const ROOT = new URL("../../", import.meta.url);

/** @returns one line per finding, `line: text` */
function bannedPhrasesIn(text: string): string[] {
  return text.split("\n").flatMap((line, index) =>
    BANNED_PHRASES.flatMap(({ pattern, instead }) => {
      const [found] = new RegExp(pattern, "i").exec(line) ?? [];
      return found === undefined ? [] : [`${index + 1}: "${found}": ${instead}`];
    }),
  );
}

export const lintCode = (text: string): string[] => bannedPhrasesIn(text);

export function lintMarkdown(text: string): string[] {
  const long = sentencesOf(text).filter(({ words }) => words > MAX_SENTENCE_WORDS);
  return [
    ...bannedPhrasesIn(proseOf(text)),
    ...long.map((sentence) => `${sentence.line}: ${sentence.words} words, at most ${MAX_SENTENCE_WORDS}: ${sentence.text}`),
  ];
}

/** The files that git lists, without rendered results. */
export async function textFiles(): Promise<string[]> {
  const listed = await outputOf("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: fileURLToPath(ROOT) });
  return listed.split("\n").filter((path) => /\.(md|ts|cjs|mjs)$/.test(path) && !/^results\/.*\//.test(path));
}

export async function lintFile(path: string): Promise<string[]> {
  const text = await readFile(new URL(path, ROOT), "utf8");
  const findings = path.endsWith(".md") ? lintMarkdown(text) : lintCode(text);
  return findings.map((finding) => `${path}:${finding}`);
}

const isChecked = (path: string): boolean => !EXEMPT_FILES.has(path);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const findings = (await Promise.all((await textFiles()).filter(isChecked).map(lintFile))).flat();
  for (const finding of findings) process.stdout.write(`${finding}\n`);
  if (findings.length > 0) process.exitCode = 1;
}
