import type { Reporter } from "./reporter.ts";

/** One page from the records of one run. `bench report` also renders several runs, scenarios and Korean. */
export const reporter: Reporter = {
  id: "html",
  summary: "report.html: every sample, chart, cell and condition in one page that works from disk",
  async files(results) {
    // a lazy import: other formats need neither the page nor the code of the cells
    const [{ reportHtml }, { reportOf }, { runPart }, { WORDS }] = await Promise.all([
      import("./page/html/document.ts"),
      import("./page/report.ts"),
      import("./page/run-part.ts"),
      import("./page/words/index.ts"),
    ]);
    const report = await reportOf([runPart(results)], null, "en");
    return [{ name: "report.html", content: await reportHtml(report, "en", WORDS.en) }];
  },
};
