import { select } from "../../lib/connection.ts";
import type { Rule } from "../rule.ts";

interface Pair {
  readonly earlier: number;
  readonly later: number;
  readonly earlierDate: string;
  readonly laterDate: string;
}

const date = (table: string): string => `DATE_FORMAT(${table}.target_date, '%Y-%m-%d')`;
const PAIR = `SELECT earlier.id AS earlier, later.id AS later, ${date("earlier")} AS earlierDate, ${date("later")} AS laterDate
  FROM batches AS earlier JOIN batches AS later ON earlier.id < later.id`;

export const rule: Rule = {
  id: "dates-in-order",
  says: "batches take effect in the order of their dates: a later one has a later date, and begins after the last round of each earlier one",
  async violations({ connection }) {
    const swapped = await select<Pair>(connection, `${PAIR} WHERE earlier.target_date >= later.target_date`);
    // Of all attempts: a member that wakes up in an abandoned batch must write nothing.
    const overlapping = await select<Pair>(
      connection,
      `${PAIR} WHERE EXISTS (SELECT 1 FROM batch_steps WHERE batch_id = earlier.id AND finished_at > later.cut_off_at)`,
    );
    return [
      ...swapped.map(
        ({ earlier, later, earlierDate, laterDate }) =>
          `batch ${later} has the date ${laterDate}, after batch ${earlier} of ${earlierDate}`,
      ),
      ...overlapping.map(({ earlier, later }) => `a round of batch ${earlier} ended after the cut-off of batch ${later}`),
    ];
  },
};
