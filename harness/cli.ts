/** The process: its arguments, its streams and its exit code. */
import { fileFailure } from "../lib/file-errors.ts";
import { execute, report } from "./execute.ts";

// Whoever read the output has left (`bench list | head`, a closed terminal): that ends the reading, not the measurement.
// Nor does a full disk below the output, which is said once: results have files of their own.
let isOutputLost = false;
for (const [name, stream] of [["standard output", process.stdout] as const, ["standard error", process.stderr] as const]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" || error.code === "EIO" || isOutputLost) return;
    const failure = fileFailure(error, name, []);
    if (failure === null) throw error;
    isOutputLost = true;
    process.exitCode = report(failure);
  });
}

const exitCode = await execute(process.argv.slice(2));
// a lost output has set one already
if (exitCode !== 0) process.exitCode = exitCode;
