import { select } from "../../../lib/connection.ts";
import { differences, type ServerProbe } from "./probe.ts";

/** Counters that every account can read. MariaDB has another name for the log sequence number. */
const NAMES = [
  "Innodb_rows_inserted",
  "Innodb_rows_updated",
  "Innodb_rows_deleted",
  "Innodb_rows_read",
  "Innodb_redo_log_current_lsn",
  "Innodb_lsn_current",
  "Innodb_os_log_fsyncs",
  "Innodb_data_fsyncs",
  "Innodb_row_lock_waits",
  "Innodb_row_lock_time",
  "Innodb_pages_read",
];

export const probe: ServerProbe = {
  id: "innodb",
  subject: "rows, redo, fsyncs, row-lock waits and pages read",

  async open({ admin }) {
    const read = async (): Promise<Map<string, number>> => {
      const rows = await select<{ Variable_name: string; Value: string }>(
        admin,
        `SHOW GLOBAL STATUS WHERE Variable_name IN (${NAMES.map((name) => `'${name}'`).join(", ")})`,
      );
      return new Map(rows.map(({ Variable_name: name, Value: value }) => [name.toLowerCase(), Number(value)]));
    };
    if ((await read()).size === 0) return { missing: "the server shows no InnoDB counters" };
    return differences(read, (grown) => ({
      rowsInserted: grown("innodb_rows_inserted"),
      rowsUpdated: grown("innodb_rows_updated"),
      rowsDeleted: grown("innodb_rows_deleted"),
      rowsRead: grown("innodb_rows_read"),
      redoBytes: grown("innodb_redo_log_current_lsn") ?? grown("innodb_lsn_current"),
      redoFsyncs: grown("innodb_os_log_fsyncs"),
      fsyncs: grown("innodb_data_fsyncs"),
      rowLockWaits: grown("innodb_row_lock_waits"),
      rowLockWaitMs: grown("innodb_row_lock_time"),
      pagesRead: grown("innodb_pages_read"),
    }));
  },
};
