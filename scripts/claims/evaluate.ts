/** Joins a claim with the published run that measures it. */
import { cellsCommand, scenarioCommand } from "../readme/command.ts";
import { publishedRun } from "../readme/records/run.ts";
import { publishedScenario } from "../readme/records/scenario.ts";
import { everyExportIn } from "../../lib/plug-in-folder.ts";
import { runFolder, type RunName } from "../readme/runs.ts";
import type { CellChoice, Claim, ClaimSource, Measure } from "./claim.ts";
import { compareCells, compareVariants, variantOf, type Measured } from "./measured.ts";
import { requireTest } from "./require-test.ts";
import { verdictOn, type ClaimVerdict } from "./verdict.ts";

const DEFAULT_CHUNK_USERS = 500;

export interface EvaluatedClaim {
  readonly claim: Claim;
  readonly verdict: ClaimVerdict;
  /** null for claims that no published run measures */
  readonly measured: Measured | null;
  readonly run: RunName | null;
  /** null for claims that `bench` does not measure */
  readonly command: string | null;
}

/** All sources, those of the origin first. */
export const claimSources = (): Promise<ClaimSource[]> =>
  everyExportIn<ClaimSource>(new URL("sources/", import.meta.url), "source");

const optionsOf = ({ key, workers, chunkUsers, prefill, parallel, split, ...cell }: CellChoice) => ({
  ...cell,
  key: key ?? "identity",
  workers: workers ?? 1,
  chunkUsers: chunkUsers ?? DEFAULT_CHUNK_USERS,
  prefill: prefill ?? null,
  parallel: parallel ?? null,
  split: split ?? null,
});

async function commandOf(measure: Measure): Promise<string | null> {
  if (measure.kind === "not comparable") return null;
  if (measure.kind === "test") return `npx vitest run ${measure.file}`;
  if (measure.kind === "cells") {
    const bufferPoolBytes = runFolder(measure.run) === null ? null : (await publishedRun(measure.run)).run.bufferPoolBytes;
    return cellsCommand([measure.worse, measure.better].map(optionsOf), { bufferPoolBytes });
  }
  if (runFolder(measure.run) === null) return null;
  const results = await publishedScenario(measure.run);
  return scenarioCommand(results, [variantOf(results, measure.worse).variant, variantOf(results, measure.better).variant]);
}

export async function evaluate(claim: Claim): Promise<EvaluatedClaim> {
  const { figure, measure } = claim;
  const command = await commandOf(measure);
  const without = (reason: string): EvaluatedClaim => ({
    claim,
    verdict: { name: "not comparable", reason },
    measured: null,
    run: null,
    command,
  });
  if (measure.kind === "not comparable") return without(measure.reason);
  if (measure.kind === "test") {
    await requireTest(measure);
    return { claim, verdict: { name: "confirmed", reason: null }, measured: null, run: null, command };
  }
  if (runFolder(measure.run) === null) return without("No published run measures it yet.");
  const measured =
    measure.kind === "cells"
      ? compareCells(await publishedRun(measure.run), measure)
      : compareVariants(await publishedScenario(measure.run), measure);
  return { claim, verdict: verdictOn(figure, measured), measured, run: measure.run, command };
}
