/** A run as plain lines, for a file or CI: one per finished sample, and progress lines during a sample that takes minutes. */
import type { Log } from "../../lib/log.ts";
import { paint } from "../../lib/log.ts";
import { duration, ESTIMATE_MARK } from "../text/format.ts";
import type { SampleResult } from "../results/records.ts";
import { elapsed, left } from "./eta.ts";
import type { RunState } from "./run-state.ts";

const LINE_EVERY_MS = 5_000;

/** The outcome of a sample as text. */
export function outcome({ status, wallMs, estimatedWallMs, reason }: SampleResult): string {
  if (status === "ok") return `${paint("green", "verified")} ${duration(wallMs)}`;
  if (status === "timed-out") return `${paint("yellow", "timed out")} ${ESTIMATE_MARK}${duration(estimatedWallMs)}`;
  return `${paint(status === "failed" ? "red" : "dim", status)}: ${reason ?? ""}`;
}

/** `  (about 2 min left)`, or nothing */
export function leftIn(run: RunState): string {
  const ms = run.samplesDone === run.samplesPlanned ? null : run.leftMs();
  return ms === null ? "" : `  (${left(ms)})`;
}

/** @returns a function that ends the display */
export function showPlainProgress(run: RunState, log: Log): () => void {
  const timer = setInterval(() => {
    const line = progressLine(run);
    if (line !== null) log.info(line);
  }, LINE_EVERY_MS).unref();
  return () => clearInterval(timer);
}

/** @returns null when no line is due */
export function progressLine(run: RunState): string | null {
  const { current, plan } = run;
  if (current === null || current.phaseMs < LINE_EVERY_MS) return null;
  const { state, phase, phaseMs, progress } = current;
  const where = `[${run.samplesDone + 1}/${run.samplesPlanned}] ${state.cell.id}`;
  if (progress === null) return `${where}  ${phase}, ${elapsed(phaseMs)}${leftIn(run)}`;
  const users = `${progress.usersDone.toLocaleString("en")} of ${plan.activeUsers.toLocaleString("en")} users`;
  return `${where}  ${Math.floor(progress.fraction * 100)} %  ${users}  ${progress.rate}${leftIn(run)}`;
}
