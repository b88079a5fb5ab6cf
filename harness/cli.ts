/** The process around the program: arguments, streams, exit code. */
import { fileFailure } from "../lib/file-errors.ts";
import { takeSecrets } from "../lib/secrets.ts";
import { execute, report } from "./commands/execute.ts";

// signal-exit ends the process on SIGXFSZ unless another listener exists: a file at its size limit must be an error of the write.
process.on("SIGXFSZ", () => {});

takeSecrets();

// A reader that closes the output (`bench list | head`, a closed terminal) must not end a measurement. A full disk below the
// output must not end it either: results go to separate files. bench reports the full disk once.
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
// keep the exit code that a lost output has set
if (exitCode !== 0) process.exitCode = exitCode;
