/** `bench api setup`: the data and tables of the reference service. Serving never makes or changes them. */
import { openDatabase, parseDatabaseSelector, type DatabaseOptions } from "../database/index.ts";
import { interruptible, orAborted } from "../run/interrupt.ts";
import { describeTarget } from "../../lib/target.ts";
import { setUpService, type SetUp } from "../scenario/service-data.ts";
import { apiGroup } from "./api-group.ts";
import { logFor, type RegisterCommand } from "./context.ts";
import { addDatabaseOptions, addDatasetOptions, datasetParameters, withPassword, type DatasetOptions } from "./options.ts";

const EXAMPLES = `
Examples:
  bench api setup --scale 0.01                       300 users and 10,000 orders on a server of our own
  bench api setup --db mysql://me@db.example/shop    in the schema shop_api, after a question
  bench api setup --scale 0.02 --replace             other data, in place of what the service holds

Data that is there stays as it is. Without --replace nothing is dropped. While a service runs on the data, setup refuses.`;

interface SetupOptions extends DatasetOptions, DatabaseOptions {
  replace?: boolean;
  yes?: boolean;
}

function describe({ target, parameters, loadedNow }: SetUp): string {
  const { users, dormantUsers, orders } = parameters;
  const dormant = dormantUsers === 0 ? "" : ` and ${dormantUsers.toLocaleString("en")} dormant ones`;
  return [
    ["database", describeTarget(target)],
    ["users", `${users.toLocaleString("en")}${dormant}`],
    ["orders", orders.toLocaleString("en")],
    ["loaded", loadedNow ? "now" : "was there already, and stays as it is"],
  ]
    .map(([name = "", value = ""]) => `${name.padEnd(12)}  ${value}`)
    .join("\n");
}

export const register: RegisterCommand = (program, context) => {
  const command = apiGroup(program)
    .command("setup")
    .description("Makes the data and tables of the reference service.")
    .option("--replace", "drop the service's data first, with every write that it took")
    .option("-y, --yes", "don't ask before making data on a server that isn't ours");
  addDatasetOptions(addDatabaseOptions(command))
    .addHelpText("after", EXAMPLES)
    .action(async (options: SetupOptions) => {
      const log = logFor(command);
      const parameters = datasetParameters(options);
      const selector = await withPassword(parseDatabaseSelector(options));
      await interruptible(async (signal) => {
        await using database = await orAborted(openDatabase(selector, { log, signal }), signal);
        const { replace = false, yes = false } = options;
        context.print(describe(await orAborted(setUpService(database, parameters, { replace, yes, log, signal }), signal)));
      });
    });
};
