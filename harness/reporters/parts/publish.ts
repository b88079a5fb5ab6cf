/** Renders a run with the selected reporters. */
import { RECORDS_FILE, type RunResults } from "../../results/records.ts";
import { findPlugIn } from "../../registry.ts";
import type { Reporter } from "../reporter.ts";
import { writeOutput, type Output, type Place } from "./output.ts";

export const DEFAULT_FORMATS = ["table", "csv", "md", "svg"];

/** @throws BenchError UNKNOWN_NAME */
export async function findReporters(names: readonly string[]): Promise<Reporter[]> {
  return (await Promise.all(names.map((name) => findPlugIn("reporter", name)))).map(({ value }) => value);
}

/** Renders a run into its folder. */
export const publish = (results: RunResults, reporters: readonly Reporter[], folder: string, output: Output): Promise<void> =>
  publishAt(results, reporters, { folder, recordsFile: RECORDS_FILE }, output);

/** @param place null: writes no file */
export async function publishAt(
  results: RunResults,
  reporters: readonly Reporter[],
  place: Place | null,
  output: Output,
): Promise<void> {
  const rendered = {
    files: (await Promise.all(reporters.map((reporter) => reporter.files(results)))).flat(),
    tables: reporters.flatMap(({ terminal }) => (terminal === undefined ? [] : [terminal.bind(null, results)])),
    json: async () => {
      const { value: reporter } = await findPlugIn("reporter", "json");
      return (await reporter.files(results)).map(({ content }) => content.trimEnd()).join("\n");
    },
  };
  await writeOutput(rendered, place, output);
}
