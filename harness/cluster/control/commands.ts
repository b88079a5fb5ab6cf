/** The commands that a supervisor takes on its socket: a name and the numbers with it. */
import { z } from "zod";

const SIGNALS = ["kill", "pause", "resume"] as const;
export type SignalName = (typeof SIGNALS)[number];

export const commandSchema = z.discriminatedUnion("command", [
  z.object({ command: z.literal("status") }),
  z.object({ command: z.literal("scale"), to: z.number().int().min(1) }),
  z.object({ command: z.literal("signal"), signal: z.enum(SIGNALS), instance: z.number().int() }),
  z.object({ command: z.literal("down") }),
]);
export type Command = Readonly<z.infer<typeof commandSchema>>;

/** A failure with its code, so that the verb exits as if it had failed itself. */
export const refusalSchema = z.object({ code: z.string(), message: z.string(), fix: z.string().optional() });
