/** The plan that `--dry-run` prints: cells, data, and an estimate of the time. */
import { paint } from "../../lib/log.ts";
import { orderOfRound } from "../plan/cells.ts";
import { estimateTime, type TimeEstimate } from "../plan/estimate.ts";
import { count, duration, mebibytes } from "../text/format.ts";
import type { RunRequest } from "../run/runner.ts";

type Plan = Pick<
  RunRequest,
  "cells" | "rounds" | "orderSeed" | "suite" | "dataset" | "continued" | "database" | "bufferPoolBytes"
>;

/** Client and server on one machine. A dry run connects to nothing, so it cannot measure the distance. */
const LOCAL_RTT_MS = 0.15;

const samplesOf =
  ({ rounds, continued }: Plan) =>
  (cellId: string): number =>
    rounds - (continued?.samples.filter(({ cell }) => cell.id === cellId).length ?? 0);

const timeOf = (plan: Plan): TimeEstimate =>
  estimateTime(plan.cells, plan.dataset, LOCAL_RTT_MS, samplesOf(plan), plan.database.kind !== "url");

export function planAsJson(plan: Plan): string {
  const { cells, rounds, orderSeed, suite, dataset, bufferPoolBytes = null } = plan;
  const { totalMs } = timeOf(plan);
  const planned = cells.map(({ cell, limitMs, skipReason }) => ({ ...cell, limitMs, skipReason }));
  return JSON.stringify(
    { suite, rounds, orderSeed, dataset, bufferPoolBytes, estimatedMs: Math.round(totalMs), cells: planned },
    null,
    2,
  );
}

export function describePlan(plan: Plan): string {
  const { cells, rounds, orderSeed } = plan;
  const lines = orderOfRound(cells, orderSeed, 1).map(({ cell, skipReason, limitMs }) => {
    const limit = limitMs === null ? "" : `  at most ${limitMs / 1000} s`;
    return `  ${cell.id}  ${paint("dim", cell.api, process.stdout)}${skipReason === null ? limit : `  skipped: ${skipReason}`}`;
  });
  return [
    `${cells.length} cells x ${rounds} ${rounds === 1 ? "round" : "rounds"}; order of the first round (seed ${orderSeed}):`,
    ...lines,
    `data: ${dataText(plan)}`,
    ...poolText(plan),
    `time: ${timeText(plan)}`,
  ].join("\n");
}

function poolText({ bufferPoolBytes = null, database }: Plan): string[] {
  if (bufferPoolBytes === null) return [];
  const where = database.kind === "url" ? " (this server keeps its size: bench does not manage it)" : "";
  return [`buffer pool: ${mebibytes(bufferPoolBytes)}${where}`];
}

function dataText({ dataset: { users, orders, dormantUsers, dataSeed } }: Plan): string {
  const dormant = dormantUsers === 0 ? "" : `, ${count(dormantUsers)} dormant users`;
  return `${count(users)} users, ${count(orders)} orders${dormant}, seed ${dataSeed}`;
}

/** An order of magnitude: the speed of the machine is unknown. */
function timeText(plan: Plan): string {
  const { cells, totalMs } = timeOf(plan);
  const unknown = cells.filter(({ sampleMs }) => sampleMs === null).length;
  const without =
    unknown === 0 ? "" : `, and ${unknown} ${unknown === 1 ? "cell" : "cells"} without an estimate (--cell-limit sets a bound)`;
  return `about ${duration(totalMs)} for a server on this machine (a round trip of ${duration(LOCAL_RTT_MS)})${without}; the first load of the data comes on top`;
}
