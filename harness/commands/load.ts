/** `bench load`: loads the data without a run. */
import { ensureDataset, type Dataset } from "../../fixtures/index.ts";
import { describeTarget } from "../../lib/target.ts";
import { openDatabase, parseDatabaseSelector, type DatabaseOptions } from "../database/index.ts";
import { confirmPending, findPending } from "../run/remote-consent.ts";
import { interruptible, orAborted } from "../run/interrupt.ts";
import { logFor, type RegisterCommand } from "./context.ts";
import { addDatabaseOptions, addDatasetOptions, datasetParameters, withPassword, type DatasetOptions } from "./options.ts";
import { positiveInteger } from "./values.ts";
import { duration } from "../text/format.ts";

const EXAMPLES = `
Examples:
  bench load                              30,000 users and 1,000,000 orders, about ten seconds
  bench load --scale 0.01                 300 users and 10,000 orders
  bench load --users 1000 --orders 5e6    few users with many orders each
  bench load --data-seed 2                other rows with the same distribution
  bench load --db mysql://me:secret@db.example/shootout

A second load with the same options returns at once. A load with other options, or after an interrupted load, replaces the data.
The content hash covers every row as the server stores it: on all machines, equal hashes mean equal data.`;

const METHOD_NAMES = { "load-data": "LOAD DATA LOCAL", insert: "multi-row INSERT" };

function describe(dataset: Dataset, where: string): string {
  const { parameters, loadMs, method, contentHash } = dataset;
  const { users, dormantUsers, orders, dataSeed } = parameters;
  const dormant = dormantUsers === 0 ? "" : ` and ${dormantUsers.toLocaleString("en")} dormant ones`;
  const lines = [
    ["database", where],
    ["users", `${users.toLocaleString("en")}${dormant}`],
    ["orders", orders.toLocaleString("en")],
    ["data seed", String(dataSeed)],
    ["content hash", contentHash],
  ];
  if (loadMs === null || method === null) lines.push(["loaded", "data already present"]);
  else {
    const rows = dataset.rows.toLocaleString("en");
    const rate = Math.round(dataset.rows / (loadMs / 1000)).toLocaleString("en");
    lines.push(["loaded", `${rows} rows in ${duration(loadMs)}, ${rate} rows/s, by ${METHOD_NAMES[method]}`]);
  }
  return lines.map(([name = "", value = ""]) => `${name.padEnd(12)}  ${value}`).join("\n");
}

export const register: RegisterCommand = (program, context) => {
  const command = program
    .command("load")
    .description("Loads the users and orders for the job, unless the server already has them.")
    .option("--connections <n>", "parallel connections; the rows do not depend on this number", positiveInteger({ max: 64 }), 4)
    .option("-y, --yes", "do not ask before creating data on a server that bench does not manage");
  addDatasetOptions(addDatabaseOptions(command))
    .addHelpText("after", EXAMPLES)
    .action(async (options: DatasetOptions & DatabaseOptions & { connections: number; yes?: boolean }) => {
      const parameters = datasetParameters(options);
      const selector = await withPassword(parseDatabaseSelector(options));
      const log = logFor(command);
      await interruptible(async (signal) => {
        await using database = await orAborted(openDatabase(selector, { log, signal }), signal);
        const { target } = database;
        if (!database.owned) {
          const pending = await orAborted(findPending(database, parameters, null), signal);
          await confirmPending(pending, { yes: options.yes === true, show: (text) => log.info(text), signal });
        }
        const dataset = await orAborted(
          ensureDataset(target, parameters, { log, connections: options.connections, signal }),
          signal,
        );
        context.print(describe(dataset, describeTarget(target)));
      });
    });
};
