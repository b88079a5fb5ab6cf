/** Schema of the statistics by which the optimiser planned a sample. */
import { z } from "zod";

/** By table: its rows, and the distinct values of each prefix of an index (`PRIMARY.user_id`), in the statistics of the optimiser. */
export const optimiserSchema = z.record(z.string(), z.object({ rows: z.number(), distinct: z.record(z.string(), z.number()) }));

export type OptimiserStatistics = z.infer<typeof optimiserSchema>;
