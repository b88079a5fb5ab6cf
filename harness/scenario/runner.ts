/** Runs a scenario: each guard with each batch, and each batch without requests, in random order. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { DEFAULT_OPTIONS } from "../../api/options.ts";
import { connectForLoading, type DatasetParameters } from "../../fixtures/index.ts";
import { connect, keepIn } from "../../lib/connection.ts";
import type { Log } from "../../lib/log.ts";
import { requireSchemaLock } from "../../lib/schema-lock.ts";
import { findNginx } from "../cluster/nginx/find.ts";
import { openDatabase, type DatabaseSelector } from "../database/index.ts";
import { orAborted } from "../run/interrupt.ts";
import { ensureOracle } from "../verify/oracle.ts";
import { readEnvironment } from "../probes/environment.ts";
import { loadWarning } from "../probes/load.ts";
import { appendRecord } from "../results/record-file.ts";
import { duration } from "../text/format.ts";
import { restoreBufferPool } from "../server-state/buffer-pool.ts";
import { restoreDurability } from "../server-state/durability-settings.ts";
import { createQuiescer } from "../server-state/quiesce.ts";
import { shuffled } from "../statistics/shuffle.ts";
import { openApiData, readCatalogue, resetApiData, scenarioTarget } from "./data.ts";
import { API_RECORDS_FILE, API_RECORDS_VERSION, readScenario, type ApiSampleRecord, type ScenarioResults } from "./records.ts";
import { takeApiSample } from "./sample.ts";
import { serviceTarget } from "./service-data.ts";
import type { PlannedVariant } from "./variant.ts";

/** Of a write after a 503 or an unknown outcome, after 1 s and 2 s. */
const CLIENT_RETRIES = 2;

export interface ScenarioRequest {
  readonly variants: readonly PlannedVariant[];
  readonly rounds: number;
  readonly seed: number;
  readonly ratePerSecond: number;
  readonly quietMs: number;
  readonly batchLimitMs: number;
  readonly clientTimeoutMs: number;
  readonly service: { readonly poolConnections: number; readonly poolWaitMs: number; readonly maxInFlight: number };
  readonly dataset: DatasetParameters;
  readonly database: DatabaseSelector;
  readonly runId: string;
  readonly startedAt: Date;
  /** of the page and the chart; null: the default */
  readonly title: string | null;
  /** exists and contains no results */
  readonly folder: string;
  /** create data on a server that bench does not manage without confirmation */
  readonly yes: boolean;
}

function outcomeOf({ status, reason, batchMs, verdict, phases }: ApiSampleRecord): string {
  if (status === "failed") return `failed: ${reason ?? ""}`;
  const conflicts = verdict?.conflicts.reduce((sum, { count }) => sum + count, 0) ?? 0;
  const proof = conflicts === 0 ? "consistent" : `${conflicts} conflicts`;
  const failed = phases?.during.latencies.failed?.count ?? 0;
  return `${proof}, batch ${duration(batchMs)}${phases === null ? "" : `, ${failed} of ${phases.during.sent} requests failed during the batch`}`;
}

/** @returns everything recorded, also after an interruption */
export async function runScenario(request: ScenarioRequest, log: Log, signal: AbortSignal): Promise<ScenarioResults> {
  const busy = loadWarning();
  if (busy !== null) log.warn(busy);
  await using database = await orAborted(openDatabase(request.database, { log, signal }), signal);
  const target = scenarioTarget(database);
  await using stack = new AsyncDisposableStack();
  const lock = keepIn(stack, await connect(target, { withSchema: false }));
  // a service beside the run would be measured with it, and slowed down by it
  await requireSchemaLock(lock, serviceTarget(database));
  await requireSchemaLock(lock, target);
  const dataset = await openApiData(database, target, request.dataset, { yes: request.yes, log, signal });
  const admin = keepIn(stack, await connect(target));
  const connections = {
    admin,
    resetter: keepIn(stack, await connectForLoading(target)),
    watcher: keepIn(stack, await connect(target)),
  };
  await orAborted(ensureOracle(admin, dataset.contentHash, log), signal);
  const restored = await restoreDurability(admin, database.owned);
  const restoredPool = await restoreBufferPool(admin, database.bufferPoolBytes);
  for (const each of [restored, restoredPool]) if (each !== null) log.warn(each);
  const { environment, notes } = await readEnvironment(admin, database, [], request.folder);
  const quiescer = await createQuiescer(admin);
  const file = join(request.folder, API_RECORDS_FILE);
  const { variants, rounds, seed, ratePerSecond, quietMs, clientTimeoutMs, service, runId, startedAt } = request;
  await appendRecord(file, {
    type: "scenario",
    version: API_RECORDS_VERSION,
    runId,
    startedAt: startedAt.toISOString(),
    title: request.title,
    rounds,
    seed,
    ratePerSecond,
    quietMs,
    clientTimeoutMs,
    clientRetries: CLIENT_RETRIES,
    service,
    dataset: request.dataset,
    variants: variants.map(({ modules: _modules, ...variant }) => variant),
    environment,
    notes: [
      ...(restored === null ? [] : [`Before the run, ${restored}.`]),
      ...notes,
      ...quiescer.notes,
      ...(busy === null ? [] : [busy]),
    ],
  });
  const { users, dormantUsers } = request.dataset;
  const catalogue = await readCatalogue(admin);
  const hasInstances = variants.some(({ batch }) => batch.instances !== null);
  const nginx = hasInstances ? await findNginx(log, signal) : null;
  let how = "failed";
  try {
    for (let round = 1; round <= rounds; round += 1) {
      for (const [position, variant] of shuffled(variants, seed + round).entries()) {
        signal.throwIfAborted();
        const label = `[${(round - 1) * variants.length + position + 1}/${rounds * variants.length}] ${variant.id}`;
        const progress = { current: null as ReturnType<Log["progress"]> | null };
        try {
          const sample = await takeApiSample(variant, round, {
            service: { ...DEFAULT_OPTIONS, ...service, target, adminToken: randomBytes(24).toString("base64url") },
            traffic: { ratePerSecond, users, dormantUsers, ...catalogue },
            seed: seed + round,
            quietMs,
            batchLimitMs: request.batchLimitMs,
            clientTimeoutMs,
            clientRetries: CLIENT_RETRIES,
            connections,
            quiescer,
            nginx,
            onPhase(phase) {
              progress.current?.stop();
              progress.current = null;
              log.detail(`${label}: ${phase}`);
            },
            onProgress(done, targets) {
              // a batch of one statement makes no progress before its end
              if (done === 0) return;
              progress.current ??= log.progress(label, targets, "users");
              progress.current.update(done);
            },
            signal,
          });
          await appendRecord(file, sample);
          for (const warning of sample.warnings) log.warn(`${label}: ${warning}`);
          log.info(`${label}  ${outcomeOf(sample)}`);
        } finally {
          progress.current?.stop();
        }
      }
    }
    how = "complete";
  } catch (error) {
    if (!signal.aborted) throw error;
    how = "interrupted";
  } finally {
    await appendRecord(file, { type: "end", endedAt: new Date().toISOString(), how });
  }
  // remove the writes of the last run
  if (how === "complete") await resetApiData(connections.resetter);
  return await readScenario(request.folder);
}
