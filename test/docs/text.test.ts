import { describe, expect, it } from "vitest";
import { lintFile, lintMarkdown, lintCode, MAX_SENTENCE_WORDS, textFiles } from "../../scripts/text/lint.ts";
import { sentencesOf } from "../../scripts/text/prose.ts";

const words = (count: number): string => Array.from({ length: count }, () => "word").join(" ");

describe("the check of the text", () => {
  it("finds a banned phrase in Markdown, with its line and its replacement", () => {
    expect(lintMarkdown("# Title\n\nThe lock ends with a time-out.\n")).toEqual(['3: "time-out": timeout']);
  });

  it("finds a banned phrase in comments and strings of TypeScript", () => {
    const code = '/** SQL by hand. */\nconst title = "waits meanwhile";\nconst rounded = Math.floor(2.5);\n';
    expect(lintCode(code)).toEqual(['1: "by hand": hand-written, manual', '2: "meanwhile": during the sample, at the same time']);
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
    expect(files.filter((path) => /^results\/\d|node_modules/.test(path))).toEqual([]);
  });

  it("names the file of a finding", async () => {
    const findings = await lintFile("scripts/text/banned-phrases.ts");
    expect(findings[0]).toMatch(/^scripts\/text\/banned-phrases\.ts:\d+: "/);
  });
});
