/** Measures the memory in use after garbage collection, during a load of a dataset or a job. */
import type { DatasetParameters } from "../../../fixtures/index.ts";
import { JOB } from "../../../harness/verify/oracle.ts";
import { createRetry } from "../../../harness/worker/retry.ts";
import type { Log, Progress } from "../../../lib/log.ts";
import type { ConnectionTarget } from "../../../lib/target.ts";
import type { Orm } from "../../../orms/orm.ts";
import type { KeyScheme } from "../../../strategies/keys/key.ts";
import type { NativeVariant, Strategy, StrategyContext } from "../../../strategies/strategy.ts";
import { reply } from "../lib/reply.ts";

export interface LoadPlace {
  /** a schema that does not exist yet */
  readonly target: ConnectionTarget;
  readonly parameters: DatasetParameters;
}

export interface JobPlace {
  /** a schema as it is before the job */
  readonly target: ConnectionTarget;
  readonly users: number;
}

/** The first place is the warm-up: code and caches that exist once are not growth. */
export type MemoryTask =
  | { readonly kind: "load"; readonly places: readonly [LoadPlace, LoadPlace] }
  | {
      readonly kind: "job";
      readonly places: readonly [JobPlace, JobPlace];
      readonly ormUrl: string;
      readonly codeUrl: string;
      readonly keyUrl: string;
      readonly chunkUsers: number;
      readonly runId: number;
    };

export interface MemoryAnswer {
  /** the highest reading during the work and after it */
  readonly bytes: number;
}

/** Every size of the work has this number of readings at the same points: more readings would find a higher maximum. */
const READINGS = 6;

class Watch {
  #most = 0;
  #next = 0;

  get bytes(): number {
    return this.#most;
  }

  read(): void {
    // Two calls: the first only queues the memory of the buffers.
    globalThis.gc?.();
    globalThis.gc?.();
    // `external` includes the array buffers.
    const { heapUsed, external } = process.memoryUsage();
    this.#most = Math.max(this.#most, heapUsed + external);
  }

  /** @param fraction done of the work, 0 to 1 */
  passing(fraction: number): void {
    if (fraction < this.#next) return;
    this.#next = (Math.floor(fraction * READINGS) + 1) / READINGS;
    this.read();
  }
}

async function load({ target, parameters }: LoadPlace, watch: Watch): Promise<void> {
  const { ensureDataset } = await import("../../../fixtures/index.ts");
  const progress = (_label: string, total: number): Progress => ({ update: (done) => watch.passing(done / total), stop() {} });
  const log: Log = { info() {}, warn() {}, detail() {}, progress, live: () => null };
  await ensureDataset(target, parameters, { log });
}

type JobTask = Extract<MemoryTask, { kind: "job" }>;

async function runJob(task: JobTask, { target, users }: JobPlace, watch: Watch): Promise<void> {
  const { orm } = (await import(task.ormUrl)) as { orm: Orm };
  const { key } = (await import(task.keyUrl)) as { key: KeyScheme };
  const { strategy, nativeVariant } = (await import(task.codeUrl)) as { strategy?: Strategy; nativeVariant?: NativeVariant };
  await using session = await orm.connect({
    target,
    storage: key.storage,
    poolConnections: orm.defaultPoolConnections,
    isolation: null,
    statements: "library",
    uses: strategy?.requires ?? [],
  });
  let through = 0;
  const context: StrategyContext = {
    session,
    key,
    partition: { firstUserId: 1, lastUserId: users },
    runId: task.runId,
    ...JOB,
    chunkUsers: task.chunkUsers,
    async phase(phase, work) {
      const result = await work();
      // In the last phase of a chunk's transaction, all rows of the chunk are still in use.
      if (phase === "coupons") watch.passing(Math.min(1, (through + task.chunkUsers) / users));
      return result;
    },
    retry: createRetry(orm.errorNumber?.bind(orm), () => {}),
    finished: (throughUserId) => void (through = throughUserId),
  };
  await (nativeVariant ?? strategy)?.run(context);
}

async function measure(task: MemoryTask): Promise<MemoryAnswer> {
  const [warmUp, measured] = [new Watch(), new Watch()];
  if (task.kind === "load") {
    await load(task.places[0], warmUp);
    await load(task.places[1], measured);
  } else {
    await runJob(task, task.places[0], warmUp);
    await runJob(task, task.places[1], measured);
  }
  measured.read();
  return { bytes: measured.bytes };
}

reply(measure);
