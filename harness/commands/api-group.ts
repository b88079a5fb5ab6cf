import type { Command } from "commander";
import { DEFAULT_OPTIONS } from "../../api/options.ts";
import { positiveInteger } from "./values.ts";

const MAX_CONNECTIONS = 1_000;
const MAX_IN_FLIGHT = 100_000;

/** How much of the service there is. */
export interface ServiceOptions {
  connections: number;
  maxInFlight: number;
}

export const addServiceOptions = (command: Command): Command =>
  command
    .option(
      "--connections <n>",
      "of the pool that requests share",
      positiveInteger({ max: MAX_CONNECTIONS }),
      DEFAULT_OPTIONS.poolConnections,
    )
    .option(
      "--max-in-flight <n>",
      "requests at work at the same time; further ones are answered 503 at once",
      positiveInteger({ max: MAX_IN_FLIGHT }),
      DEFAULT_OPTIONS.maxInFlight,
    );

/** `bench api`, to which several files add their verbs, whichever is registered first. */
export const apiGroup = (program: Command): Command =>
  program.commands.find((command) => command.name() === "api") ??
  program
    .command("api")
    .description("the reference service beside the batch")
    .addHelpText(
      "after",
      `
Examples:
  bench api run --scale 0.02       what do requests get while the batch runs? bench api run --help shows more
  bench api setup --db mysql://me@db/shop      the data of the service, on your own server
  bench api serve --scale 0.01     the service itself, for 300 users, on port 3000`,
    );
