/** The plan that `--dry-run` prints: cells, data, and an estimate of the time. */
import { paint } from "../../lib/log.ts";
import { orderOf } from "../plan/cells.ts";
import type { PlannedCell } from "../plan/planned-cell.ts";
import { roundsOfCell } from "../plan/planned-samples.ts";
import { estimateTime, type TimeEstimate } from "../plan/estimate.ts";
import { count, duration, mebibytes } from "../text/format.ts";
import type { RunRequest } from "../run/runner.ts";

type Plan = Pick<
  RunRequest,
  "cells" | "rounds" | "orderSeed" | "isFirstRoundCut" | "suite" | "dataset" | "continued" | "database" | "bufferPoolBytes"
>;

/** Client and server on one machine. A dry run connects to nothing, so it cannot measure the distance. */
const LOCAL_RTT_MS = 0.15;

const samplesOf =
  ({ rounds, continued }: Plan) =>
  (planned: PlannedCell): number =>
    roundsOfCell(planned, rounds) - (continued?.samples.filter(({ cell }) => cell.id === planned.cell.id).length ?? 0);

const timeOf = (plan: Plan): TimeEstimate =>
  estimateTime(plan.cells, plan.dataset, LOCAL_RTT_MS, samplesOf(plan), plan.database.kind !== "url");

/** The limit ends the run within its first round. */
export const isFirstRoundCut = (plan: Plan, limitMs: number): boolean => timeOf({ ...plan, rounds: 1 }).totalMs > limitMs;

/** A shorter run needs no announcement. */
const ANNOUNCED_MS = 60_000;

/** The expected time of a suite or of another long run, before it starts. */
export function announcement(plan: Plan, limitMs?: number): string | null {
  if (plan.suite === null && timeOf(plan).totalMs < ANNOUNCED_MS) return null;
  return [`${sizeText(plan)}: ${timeText(plan)}`, ...(limitMs === undefined ? [] : [limitText(limitMs)])].join("\n");
}

export function planAsJson(plan: Plan): string {
  const { cells, rounds, orderSeed, suite, dataset, bufferPoolBytes = null } = plan;
  const { totalMs } = timeOf(plan);
  const planned = cells.map(({ cell, limitMs, maxRounds, skipReason }) => ({ ...cell, limitMs, maxRounds, skipReason }));
  return JSON.stringify(
    { suite, rounds, orderSeed, dataset, bufferPoolBytes, estimatedMs: Math.round(totalMs), cells: planned },
    null,
    2,
  );
}

export function describePlan(plan: Plan, limitMs?: number): string {
  const { orderSeed } = plan;
  const order = plan.isFirstRoundCut === true ? "the most informative cells first" : `seed ${orderSeed}`;
  const lines = orderOf(plan, 1).map(({ cell, skipReason, limitMs, maxRounds }) => {
    const isOften = maxRounds === null || maxRounds >= plan.rounds;
    const limit = `${limitMs === null ? "" : `  at most ${limitMs / 1000} s`}${isOften ? "" : `  ${roundsText(maxRounds)} only`}`;
    return `  ${cell.id}  ${paint("dim", cell.api, process.stdout)}${skipReason === null ? limit : `  skipped: ${skipReason}`}`;
  });
  return [
    `${sizeText(plan)}; order of the first round (${order}):`,
    ...lines,
    `data: ${dataText(plan)}`,
    ...poolText(plan),
    `time: ${timeText(plan)}`,
    ...(limitMs === undefined ? [] : [limitText(limitMs)]),
  ].join("\n");
}

const roundsText = (rounds: number): string => `${rounds} ${rounds === 1 ? "round" : "rounds"}`;

const sizeText = ({ cells, rounds }: Plan): string =>
  `${cells.length} ${cells.length === 1 ? "cell" : "cells"} x ${roundsText(rounds)}`;

const limitText = (limitMs: number): string => `limit: ${duration(limitMs)}, after which bench run --resume continues`;

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
