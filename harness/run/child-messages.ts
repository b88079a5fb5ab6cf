/**
 * Checks the messages of a measuring process. A plug-in in that process can send anything: an end without a result gave a sample an
 * estimate, and a list in place of a number would have reached the verification.
 */
import { z } from "zod";
import type { FromChild, Measured, PartitionProgress } from "../protocol.ts";
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

/** The result of a child, with the names of this project in place of those of the wire format. */
export interface ChildResult extends Omit<Measured, "shares"> {
  /** in the order of the assignment's partitions */
  readonly partitions: readonly PartitionProgress[];
}

export type ChildMessage =
  | Exclude<FromChild, { type: "progress" | "done" }>
  | ({ type: "progress"; partitionIndex: number } & PartitionProgress)
  | { type: "done"; measured: ChildResult };

function fromWire(message: FromChild): ChildMessage {
  if (message.type === "progress") {
    const { shareIndex, ...rest } = message;
    return { ...rest, partitionIndex: shareIndex };
  }
  if (message.type !== "done") return message;
  const { shares, ...rest } = message.measured;
  return { type: "done", measured: { ...rest, partitions: shares } };
}

/** @throws ChildFailure */
export function readAnswer(message: unknown): ChildMessage {
  const { success, data, error } = SHAPES.safeParse(message);
  // an absent field stays absent
  if (success) return fromWire(data as FromChild);
  const [issue] = error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "" : ` (${issue.path.join(".")})`;
  throw new ChildFailure(
    `the measured process sent a message that bench does not accept${where}: code in the process changed the message`,
  );
}
