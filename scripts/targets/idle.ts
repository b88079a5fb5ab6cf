/** The statements of an idle member, from the intervals of its work. `test/api/costs.test.ts` compares it with the count of a server. */
import type { ApiOptions } from "../../api/options.ts";

const MS_PER_S = 1_000;
/** The heartbeat renews its row, and deletes rows of members that are gone. */
const PER_HEARTBEAT = 2;
/** The drainer looks for stored writes every second. */
const SWEEPS_PER_SECOND = 1;

export const idleStatementsPerSecond = ({ pollMs, heartbeatMs }: Pick<ApiOptions, "pollMs" | "heartbeatMs">): number =>
  MS_PER_S / pollMs + (PER_HEARTBEAT * MS_PER_S) / heartbeatMs + SWEEPS_PER_SECOND;
