/**
 * The costs of the keys after a sample: reads of the new rows, and the fill of the pages. Each file in this folder exports one `probe`.
 * They run only for samples whose run is about key locality, because they take seconds.
 */
import type { Connection } from "../../../lib/connection.ts";
import type { KeyStorage } from "../../../workload/tables.ts";
import type { Costs } from "../../results/costs-schema.ts";

export interface MeasuredRows {
  /** in the schema of the data */
  readonly admin: Connection;
  readonly storage: KeyStorage;
  /** of the new rows; rows of earlier runs have smaller ids */
  readonly runId: number;
}

export interface LocalityProbe {
  readonly id: string;
  /** names the values in a warning if they are missing */
  readonly subject: string;
  /** probes with a smaller number run first: a scan changes the pages in the server's memory */
  readonly position: number;
  measure(rows: MeasuredRows): Promise<Partial<Costs>>;
}
