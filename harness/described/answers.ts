/** Checks the messages of the process that loads plug-ins, whose code can send anything. */
import { z } from "zod";
import type { FromDescriber } from "./messages.ts";

const text = z.string();

const SHAPES = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("described"),
    loaded: z.array(
      z.discriminatedUnion("how", [
        z.object({
          how: z.literal("loaded"),
          fields: z.object({ data: z.record(text, z.unknown()), functions: z.array(text) }).nullable(),
        }),
        z.object({ how: z.literal("broken"), error: z.object({ message: text, reason: text, stack: text, code: text }) }),
      ]),
    ),
  }),
  z.object({ type: z.literal("prepared") }),
  z.object({ type: z.literal("failed"), message: text }),
]);

/** @throws Error */
export function readDescriberAnswer(message: unknown): FromDescriber {
  const { success, data } = SHAPES.safeParse(message);
  if (success) return data;
  throw new Error("its process sent a message that bench does not accept");
}
