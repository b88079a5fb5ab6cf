/** What is seen while samples are taken: which one, in which phase, how far, and how long the rest will take. */
import type { Log, Progress } from "../lib/log.ts";
import { paint } from "../lib/log.ts";
import type { Cell } from "./cell.ts";
import { duration, ESTIMATE_MARK } from "./reporters/format.ts";
import type { SampleResult } from "./sampler.ts";
import { clockMs } from "./clock.ts";

export interface SampleDisplay {
  begin(cell: Cell): void;
  phase(name: string): void;
  progress(usersDone: number): void;
  end(result: SampleResult): void;
}

function outcome({ status, wallMs, estimatedWallMs, reason }: SampleResult): string {
  if (status === "ok") return `${paint("green", "verified")} ${duration(wallMs)}`;
  if (status === "timed-out") return `${paint("yellow", "timed out")} ${ESTIMATE_MARK}${duration(estimatedWallMs)}`;
  return `${paint(status === "failed" ? "red" : "dim", status)}: ${reason ?? ""}`;
}

export function createSampleDisplay(log: Log, total: number, users: number): SampleDisplay {
  const startedAt = clockMs();
  let done = 0;
  let bar: Progress | null = null;
  let current = "";
  const stop = (): void => {
    bar?.stop();
    bar = null;
  };
  return {
    begin(cell) {
      current = `[${done + 1}/${total}] ${cell.id}`;
    },
    phase(name) {
      stop();
      log.detail(`${current}: ${name}`);
      if (name === "run") bar = log.progress(current, users, "users");
    },
    progress: (usersDone) => bar?.update(usersDone),
    end(result) {
      stop();
      done += 1;
      const leftMs = ((clockMs() - startedAt) / done) * (total - done);
      log.info(`${current}  ${outcome(result)}${done < total ? `  (about ${duration(leftMs)} left)` : ""}`);
      for (const warning of result.warnings) log.warn(`${current}: ${warning}`);
    },
  };
}
