import { availableParallelism, loadavg } from "node:os";

/**
 * Running processes per core, at least 1: the factor by which limits for a start grow. On a machine with 20 processes on 2 cores,
 * Node itself started in 15 s instead of 0.5 s.
 */
export const crowding = (): number => Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());
