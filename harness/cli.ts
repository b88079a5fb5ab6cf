/** argv -> command -> exit code, nothing else. */
import { CommanderError } from "commander";
import { BenchError, EXIT } from "../lib/errors.ts";
import { endLiveBlocks } from "../lib/live-block.ts";
import { paint } from "../lib/log.ts";
import { createProgram } from "./program.ts";

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof BenchError) {
    process.stderr.write(`${paint("red", `error ${error.code}:`)} ${error.message}\n`);
    if (error.fix !== undefined) process.stderr.write(`  fix: ${error.fix}\n`);
    return error.exitCode;
  }
  // Not a user's mistake: the stack is what a bug report needs.
  process.stderr.write(
    `${paint("red", "internal error:")} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return EXIT.toolFailed;
}

// Whoever read the output has left (`bench list | head`, a closed terminal): that ends the reading, not the measurement.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
  });
}

try {
  await (await createProgram()).parseAsync();
} catch (error) {
  endLiveBlocks();
  process.exitCode = report(error);
}
