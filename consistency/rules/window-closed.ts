import { select } from "../../lib/connection.ts";
import type { Rule } from "../rule.ts";

interface LateOrder {
  readonly orderId: number;
  readonly orderedAt: string;
  readonly batchId: number;
  readonly windowEnd: string;
}

/** The window of a batch ends at the first moment of the month of its date. */
const WINDOW_END = "CAST(DATE_FORMAT(batches.target_date, '%Y-%m-01') AS DATETIME(6))";

export const rule: Rule = {
  id: "window-closed",
  says: "no order that came after the cut-off of a batch lies in the window of the batch",
  async violations({ connection }) {
    const late = await select<LateOrder>(
      connection,
      `SELECT orders.id AS orderId, DATE_FORMAT(orders.ordered_at, '%Y-%m-%dT%H:%i:%s.%fZ') AS orderedAt, batches.id AS batchId,
         DATE_FORMAT(${WINDOW_END}, '%Y-%m-%dT%H:%i:%s.%fZ') AS windowEnd
       FROM write_log AS log
       JOIN orders ON orders.id = CAST(JSON_EXTRACT(log.response, '$.orderId') AS UNSIGNED)
       JOIN batches ON batches.id <= log.batch_id
       WHERE log.kind = 'order' AND log.outcome = 'applied' AND orders.ordered_at < ${WINDOW_END}`,
    );
    return late.map(
      ({ orderId, orderedAt, batchId, windowEnd }) =>
        `order ${orderId} of ${orderedAt} came after the cut-off of batch ${batchId}, whose window ends at ${windowEnd}`,
    );
  },
};
