import { describe, expect, it } from "vitest";
import { lintCode, lintFile, lintMarkdown, lintPackage, MAX_SENTENCE_WORDS, textFiles } from "../../scripts/text/lint.ts";
import { commentsOf, sentencesOf } from "../../scripts/text/prose.ts";

const words = (count: number): string => Array.from({ length: count }, () => "word").join(" ");

describe("the check of the text", () => {
  it("finds a banned phrase in Markdown, with its line and its replacement", () => {
    expect(lintMarkdown("# Title\n\nThe lock ends with a time-out.\n")).toEqual(['3: "time-out": timeout']);
  });

  it("finds a banned phrase in comments and strings of TypeScript", () => {
    const code = '/** SQL by hand. */\nconst title = "waits meanwhile";\nconst rounded = Math.floor(2.5);\n';
    expect(lintCode(code)).toEqual(['1: "by hand": hand-written, manual', '2: "meanwhile": during the sample, at the same time']);
  });

  it.each([
    ["  readonly #putOff = new Map<number, Timer>();", '1: "put Off": deferred'],
    ["const PUT_OFF_MS = 50;", '1: "PUT OFF": deferred'],
    ["export function openByHand(): Side {", '1: "By Hand": hand-written, manual'],
    ["const bothFloors = 2;", '1: "Floors": baseline'],
    ["export interface JudgedStep {", '1: "Judged": verdict, evaluate, decide'],
    ["const STEPS_SETTLE_MS = 60;", '1: "SETTLE": resolve for a promise; wait, outcome, final answer'],
    ["// judges the whys", '1: "judges": verdict, evaluate, decide', '1: "whys": reasons'],
  ])("finds a banned phrase in the words of a name: %s", (code, ...found) => {
    expect(lintCode(`${code}\n`)).toEqual(found);
  });

  it("accepts the terms of promises, and names in published files", () => {
    const code =
      "await Promise.allSettled(all);\n// a promise that never settles\nconst old = { settleMs: 1, usersPutOff: 2 };\n";
    expect(lintCode(code)).toEqual([]);
  });

  it("finds a sentence over 25 words in a comment of code", () => {
    const long = words(MAX_SENTENCE_WORDS + 1);
    const finding = [expect.stringContaining("26 words, at most 25")];
    for (const code of [`/** ${long}. */`, `/**\n * Short.\n * ${long}.\n */`, `  // ${words(13)}\n  // ${words(13)}\ncall();`])
      expect(lintCode(`const a = 1;\n${code}\n`), code).toEqual(finding);
    expect(lintCode(`// ${words(20)}\ncall();\n// ${words(20)}\n`)).toEqual([]);
    expect(lintCode(`const text = "${long}";\n/** ${words(20)}: ${words(20)} */\n`)).toEqual([]);
  });

  it("begins a sentence of a comment at a tag, and keeps the number of its line", () => {
    const code = `const a = 1;\n/**\n * ${words(3)}\n * @param a ${words(4)}\n */\n`;
    expect(sentencesOf(commentsOf(code)).map(({ line, words: count }) => [line, count])).toEqual([
      [3, 3],
      [4, 6],
    ]);
  });

  it("checks only the description of a package", () => {
    const text = '{\n  "name": "meanwhile",\n  "description": "Settles it."\n}\n';
    expect(lintPackage(text)).toEqual(['3: "Settles": resolve for a promise; wait, outcome, final answer']);
  });

  it("accepts the terms that contain a banned word", () => {
    expect(lintMarkdown("The noise floor is 3 %. A stand-alone server has a known address.")).toEqual([]);
  });

  it("leaves out code, generated tables and marked examples", () => {
    const page = [
      "Call `tells`.",
      "```ts\nconst meanwhile = 1;\n```",
      "<!-- table from quick -->\n\n| SQL by hand |\n\n<!-- end -->",
      "<!-- text-lint: off -->\n\nwhoever\n\n<!-- text-lint: on -->",
    ].join("\n\n");
    expect(lintMarkdown(page)).toEqual([]);
  });

  it("finds a sentence over 25 words, also in a list item and in a table cell", () => {
    const long = words(MAX_SENTENCE_WORDS + 1);
    for (const page of [`${long}.`, `Short.\n\n- item\n- ${long}\n`, `| a | b |\n| --- | --- |\n| short | ${long} |\n`])
      expect(lintMarkdown(page)).toEqual([expect.stringContaining("26 words, at most 25")]);
  });

  it("counts words by sentence, and a code span as one word", () => {
    const page = `${words(20)}. ${words(20)}! Is it \`a b c d e\`?\n${words(5)}\n`;
    expect(sentencesOf(page).map((sentence) => sentence.words)).toEqual([20, 20, 3, 5]);
  });

  it("has every page of the project in its list, and none that bench rendered", async () => {
    const files = await textFiles();
    expect(files).toEqual(expect.arrayContaining(["README.md", "docs/errors.md", "results/README.md", "lib/errors.ts"]));
    const others = [".ci/run", ".github/workflows/ci.yml", "CITATION.cff", "action.yml", "package.json"];
    expect(files).toEqual(expect.arrayContaining([...others, "harness/reporters/page/html/page.client.js"]));
    expect(files.filter((path) => /^results\/\d|node_modules/.test(path))).toEqual([]);
  });

  it("names the file of a finding", async () => {
    const findings = await lintFile("scripts/text/banned-phrases.ts");
    expect(findings[0]).toMatch(/^scripts\/text\/banned-phrases\.ts:\d+: "/);
  });
});
