import { createHash, timingSafeEqual } from "node:crypto";
import { Type } from "typebox";
import { isOpen, type BatchRow } from "../batch/batches.ts";
import { BATCH_STYLES } from "../options.ts";
import { ApiProblem, retryAfterSeconds } from "../problems.ts";
import type { RegisterRoutes } from "./context.ts";
import { Id, problems, Time } from "./schemas.ts";

/** A round must end within 5 s. */
const MAX_CHUNK_USERS = 10_000;
const DEFAULT_CHUNK_USERS = 500;
const MAX_PAUSE_MS = 60_000;

const Nullable = Type.Union([Time, Type.Null()]);

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Compares digests of equal length in constant time, so that timing reveals neither length nor beginning of the token. */
function requireToken(header: string | undefined, expected: Buffer): void {
  const [, given] = /^Bearer (\S+)$/i.exec(header ?? "") ?? [];
  if (given === undefined) throw new ApiProblem("missing-token", "send the token as `Authorization: Bearer <token>`");
  if (!timingSafeEqual(digest(given), expected))
    throw new ApiProblem("wrong-token", "the sent token is not the token of this service");
}

const describe = (batch: BatchRow & { usersDone: number }) => ({
  id: batch.id,
  targetDate: batch.targetDate,
  style: batch.style,
  // The lease of its process ended without a report: nobody works on the batch.
  status: isOpen(batch) && batch.isAlive === 0 ? ("stalled" as const) : batch.status,
  startedAt: batch.startedAt.toISOString(),
  cutOffAt: batch.cutOffAt.toISOString(),
  finishedAt: batch.finishedAt?.toISOString() ?? null,
  targets: batch.targets,
  usersDone: batch.usersDone,
  failure: batch.failure,
});

export const register: RegisterRoutes = (app, { batches, adminToken }) => {
  const expected = digest(adminToken);
  const security = [{ administration: [] }];
  const onRequest = async (request: { headers: { authorization?: string | undefined } }): Promise<void> =>
    requireToken(request.headers.authorization, expected);

  app.post(
    "/batches",
    {
      onRequest,
      schema: {
        operationId: "startBatch",
        tags: ["batches"],
        summary: "Start the job for a date, or resume a failed one",
        security,
        body: Type.Object(
          {
            targetDate: Type.String({
              format: "date",
              pattern: "^(19|20)[0-9]{2}-",
              description: "the date of the job, not in the future",
            }),
            style: Type.Enum([...BATCH_STYLES], { default: "chunked" }),
            chunkUsers: Type.Integer({ minimum: 1, maximum: MAX_CHUNK_USERS, default: DEFAULT_CHUNK_USERS }),
            pauseMs: Type.Integer({ minimum: 0, maximum: MAX_PAUSE_MS, default: 0, description: "pause between chunks" }),
            abandon: Type.Boolean({
              default: false,
              description: "gives up failed batches of earlier dates for good; without it, they prevent this batch",
            }),
          },
          { additionalProperties: false },
        ),
        response: {
          202: Type.Object({ id: Type.Integer(), targetDate: Type.String(), status: Type.Literal("selecting") }),
          ...problems,
        },
      },
    },
    async (request, reply) => {
      const { targetDate } = request.body;
      const id = await batches.start(request.body);
      return reply
        .code(202)
        .header("location", `/batches/${id}`)
        .header("retry-after", String(retryAfterSeconds()))
        .send({ id, targetDate, status: "selecting" });
    },
  );

  app.get(
    "/batches/:batchId",
    {
      onRequest,
      schema: {
        operationId: "getBatch",
        tags: ["batches"],
        summary: "State and progress of a batch",
        security,
        params: Type.Object({ batchId: Id("a batch") }),
        response: {
          200: Type.Object({
            id: Type.Integer(),
            targetDate: Type.String(),
            style: Type.String(),
            status: Type.Enum(["selecting", "running", "stalled", "finished", "failed", "abandoned"]),
            startedAt: Time,
            cutOffAt: Time,
            finishedAt: Nullable,
            targets: Type.Union([Type.Integer(), Type.Null()]),
            usersDone: Type.Integer({
              description: "users whose rows are written; the rows of one long transaction are visible only after its commit",
            }),
            failure: Type.Union([Type.String(), Type.Null()]),
          }),
          ...problems,
        },
      },
    },
    async (request) => {
      const batch = await batches.find(request.params.batchId);
      if (batch === null) throw new ApiProblem("batch-not-found", `batch ${request.params.batchId} does not exist`);
      return describe(batch);
    },
  );
};
