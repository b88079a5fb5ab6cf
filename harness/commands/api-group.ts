import type { Command } from "commander";

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
  bench api serve --scale 0.01     the service itself, for 300 users, on port 3000`,
    );
