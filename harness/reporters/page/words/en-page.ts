/** The English texts of the page around the sections. */
export const enPage = {
  page: {
    title: "One nightly job, verified row by row",
    suite: (suite: string) => `orm-shootout: suite ${suite}`,
    several: (runs: number) => `${runs} runs in one report`,
    contents: "Contents",
    filter: "Filter",
    all: "all",
    reset: "Show all",
    shown: (shown: string, all: string) => `${shown} of ${all} rows shown`,
    details: "Details of each cell: code, configuration, statements, samples",
    skip: "To the results",
    footer: "Rendered by orm-shootout from the records of the run, without a database.",
    english: "Texts from the records are English.",
    inWords: "The chart in words",
  },
  runs: {
    title: "The runs together",
    same: "Machine, server, settings and data of these runs agree, so their times stand side by side.",
    differ: "These runs are not comparable, so each has its own part and no table joins them. They differ in:",
    difference: ["what", "first run", "this run"],
    differenceTable: (run: string) => `Differences of ${run} to the first run`,
    table: "Median time by run",
    answer: (runs: number, fastest: { readonly cell: string; readonly time: string; readonly run: string } | null) =>
      `${fastest === null ? "" : `${fastest.cell} is fastest with ${fastest.time} in ${fastest.run}, of `}${runs} runs on the same machine, with the same settings and data`,
    differing: (runs: number) => `${runs} runs under different conditions: compare only within each run`,
    figure: "Time of each sample, by cell and run",
    reading: "A dot is a sample. Runs of different times share no rounds: noise between them can exceed that within a run.",
  },
};
