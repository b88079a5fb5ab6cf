/** The memory of the server for data, where a run chose another size than the usual one. */
import type { RunResults } from "../results/records.ts";

/** @returns null: the usual size, also if the run requested another one and a server of the user kept its own */
export function chosenPoolBytes({ run: { bufferPoolBytes, environment } }: RunResults): number | null {
  const size = environment.server.variables["innodb_buffer_pool_size"];
  return bufferPoolBytes === null || (size != null && Number(size) !== bufferPoolBytes) ? null : bufferPoolBytes;
}
