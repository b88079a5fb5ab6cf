/** `bench api setup`: creates the data and tables of the reference service. `bench api serve` never changes existing data. */
import { openDatabase, parseDatabaseSelector, type DatabaseOptions } from "../database/index.ts";
import { interruptible, orAborted } from "../run/interrupt.ts";
import { describeTarget } from "../../lib/target.ts";
import { setUpService, type SetUp } from "../scenario/service-data.ts";
import { apiGroup } from "./api-group.ts";
import { logFor, type RegisterCommand } from "./context.ts";
import { addDatabaseOptions, addDatasetOptions, datasetParameters, withPassword, type DatasetOptions } from "./options.ts";

const EXAMPLES = `
Examples:
  bench api setup --scale 0.01                       300 users and 10,000 orders on a server that bench starts
  bench api setup --db mysql://me@db.example/shop    the schema shop_api on your server, after your confirmation
  bench api setup --scale 0.02 --replace             replace the data of the service by other data

bench api setup keeps existing data and drops nothing without --replace. It refuses to run while a service uses the data.`;

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
    ["loaded", loadedNow ? "now" : "data already present, and unchanged"],
  ]
    .map(([name = "", value = ""]) => `${name.padEnd(12)}  ${value}`)
    .join("\n");
}

export const register: RegisterCommand = (program, context) => {
  const command = apiGroup(program)
    .command("setup")
    .description("Creates the data and tables of the reference service.")
    .option("--replace", "drop the service's data first, with all writes that the service accepted")
    .option("-y, --yes", "do not ask before creating data on a server that bench does not manage");
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
