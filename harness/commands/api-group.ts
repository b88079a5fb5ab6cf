import type { Command } from "commander";
import { DEFAULT_OPTIONS } from "../../api/options.ts";
import { positiveInteger } from "./values.ts";

const MAX_CONNECTIONS = 1_000;
const MAX_IN_FLIGHT = 100_000;

/** Capacity of the reference service. */
export interface ServiceOptions {
  connections: number;
  maxInFlight: number;
}

export const addServiceOptions = (command: Command): Command =>
  command
    .option(
      "--connections <n>",
      "connections in the pool that all requests share",
      positiveInteger({ max: MAX_CONNECTIONS }),
      DEFAULT_OPTIONS.poolConnections,
    )
    .option(
      "--max-in-flight <n>",
      "requests in progress at once; the service answers further requests with 503 immediately",
      positiveInteger({ max: MAX_IN_FLIGHT }),
      DEFAULT_OPTIONS.maxInFlight,
    );

/** Returns `bench api`, and creates it on the first call: several files register verbs below it, in any order. */
export const apiGroup = (program: Command): Command =>
  program.commands.find((command) => command.name() === "api") ??
  program
    .command("api")
    .description("Serves a reference API, or measures its requests beside the batch.")
    .addHelpText(
      "after",
      `
Examples:
  bench api run --scale 0.02       measure requests while the batch runs; bench api run --help has more examples
  bench api setup --db mysql://me@db/shop      load the service's data on your server
  bench api serve --scale 0.01     start the service with 300 users on port 3000
  bench api cluster up --scale 0.01            three instances behind nginx; bench api cluster --help has more`,
    );
