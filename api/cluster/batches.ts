/** Starts batches: any member, at any time. The members run the style `chunked`; one process runs another style. */
import type { Database } from "../database/database.ts";
import { findBatch } from "../batch/batches.ts";
import { startBatch, type BatchRequest } from "../batch/start.ts";
import type { Guard } from "../guards/guard.ts";
import type { TechniqueChoice } from "../options.ts";
import { ApiProblem, CUT_OFF_REST_SECONDS } from "../problems.ts";
import type { ProcessRuns } from "../process/process-runs.ts";
import type { Poller } from "./poll.ts";

const MS_PER_S = 1_000;

export interface BatchesParts {
  readonly database: Database;
  readonly guard: Guard;
  readonly strategy: TechniqueChoice | null;
  readonly processRuns: ProcessRuns;
  readonly poller: Poller;
}

export class Batches {
  readonly #parts: BatchesParts;
  /** by the monotonic clock */
  #restUntilMs = Number.NEGATIVE_INFINITY;

  constructor(parts: BatchesParts) {
    this.#parts = parts;
  }

  /** Not on a connection for requests: these may all wait for the batch. @returns null without such a batch */
  find(id: number): ReturnType<typeof findBatch> {
    return findBatch(this.#parts.database, id);
  }

  /**
   * Starts the batch of a date, or another attempt at a failed one.
   * @returns the batch's id, after the cut-off
   * @throws ApiProblem style-not-offered, and those of startBatch
   */
  async start(request: BatchRequest): Promise<number> {
    const { database, guard, strategy, processRuns, poller } = this.#parts;
    if (request.style === "strategy" && strategy === null)
      throw new ApiProblem("style-not-offered", "only `bench api run --strategy` offers the style `strategy`");
    if (performance.now() < this.#restUntilMs)
      throw new ApiProblem("cut-off-locked", `a write held the cut-off a moment ago; try again after ${CUT_OFF_REST_SECONDS} s`);
    try {
      const claim = await startBatch(database, request, guard.flags);
      if (request.style !== "chunked") await processRuns.start(claim, request);
      return claim.batchId;
    } catch (error) {
      if (error instanceof ApiProblem && error.code === "cut-off-locked")
        this.#restUntilMs = performance.now() + CUT_OFF_REST_SECONDS * MS_PER_S;
      throw error;
    } finally {
      poller.now();
    }
  }
}
