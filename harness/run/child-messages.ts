/**
 * Checks the messages of a measuring process. A plug-in in that process can send anything: an end without a result gave a sample an
 * estimate, and a list in place of a number would have reached the verification.
 */
import { z } from "zod";
import type { FromChild } from "../protocol.ts";
import { ChildFailure } from "./child-failure.ts";

const amount = z.number().nonnegative();
const count = z.int().nonnegative();
/** of a strategy, which may not count its targets */
const targets = z.number().catch(0);
const progress = { throughUserId: count, targetsDone: targets };

const SHAPES = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready") }),
  z.object({ type: z.literal("progress"), shareIndex: count, ...progress }),
  z.object({
    type: z.literal("done"),
    measured: z.object({
      complete: z.boolean(),
      shares: z.array(z.object(progress)),
      wallMs: amount,
      phaseMs: z.object({ read: amount, badges: amount, grades: amount, coupons: amount }),
      retries: count,
      clientCpuMs: amount,
      peakRssBytes: amount,
      eventLoopDelayP99Ms: amount.nullable(),
      openConnections: count.optional(),
      hasLoadedDriver: z.boolean().optional(),
    }),
  }),
  z.object({ type: z.literal("failed"), stage: z.enum(["prepare", "run"]), message: z.string(), stack: z.string().nullable() }),
]);

/** @throws ChildFailure */
export function readAnswer(message: unknown): FromChild {
  const { success, data, error } = SHAPES.safeParse(message);
  // an absent field stays absent
  if (success) return data as FromChild;
  const [issue] = error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "" : ` (${issue.path.join(".")})`;
  throw new ChildFailure(
    `the measured process sent a message that bench does not accept${where}: code in the process changed the message`,
  );
}
