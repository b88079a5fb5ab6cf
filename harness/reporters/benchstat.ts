import { ormLabel } from "../plan/cell.ts";
import { timedCells } from "./parts/interop.ts";
import type { Reporter } from "./reporter.ts";

const NS_PER_MS = 1e6;

/** Go's benchmark format (golang.org/design/14313-benchmark-format): a line per sample, `benchstat -col /orm benchstat.txt` compares. */
export const reporter: Reporter = {
  id: "benchstat",
  summary: "benchstat.txt: one line per sample in Go's benchmark format, for benchstat",
  async files(results) {
    const { environment } = results.run;
    const lines = timedCells(results).flatMap(({ summary: { cell }, samples }) => {
      const parts = [`orm=${ormLabel(cell)}`, `key=${cell.key}`, `chunk=${cell.chunkUsers ?? "none"}`, `workers=${cell.workers}`];
      parts.push(`isolation=${cell.isolation ?? "default"}`, `track=${cell.track}`);
      if (cell.parallel !== null) parts.push(`parallel=${cell.parallel}`);
      if (cell.split !== null) parts.push(`split=${cell.split}`);
      if (cell.durability !== null) parts.push(`durability=${cell.durability}`);
      if (cell.prefill !== null) parts.push(`prefill=${cell.prefill}`);
      if (cell.addedRttMs !== null) parts.push(`rtt=${cell.addedRttMs}`);
      if (cell.side !== null) parts.push(`side=${cell.side}`);
      // benchstat reads names that start with Benchmark and a capital letter; it splits /key=value parts
      const name = `BenchmarkJob/strategy=${cell.strategy}/${parts.join("/")}`;
      return samples.map(({ wallMs, statements, peakRssBytes }) =>
        [
          name,
          "1",
          `${Math.round(wallMs * NS_PER_MS)} ns/op`,
          ...(statements === null ? [] : [`${statements} statements/op`]),
          ...(peakRssBytes === null ? [] : [`${peakRssBytes} peak-RSS-bytes`]),
        ].join(" "),
      );
    });
    const configuration = [
      `goos: ${environment.machine.kernel.split(" ")[0]?.toLowerCase() ?? "unknown"}`,
      `cpu: ${environment.machine.cpu}`,
      `server: mysql-${environment.server.version}`,
      "pkg: orm-shootout",
    ];
    return [{ name: "benchstat.txt", content: `${[...configuration, ...lines].join("\n")}\n` }];
  },
};
