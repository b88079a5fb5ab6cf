/** Sends a command of a verb to the supervisor. */
import { request } from "node:http";
import { json } from "node:stream/consumers";
import { BenchError, errorCodes, messageOf, type ErrorCode } from "../../../lib/errors.ts";
import type { ClusterState } from "../files.ts";
import { refusalSchema, type Command } from "./commands.ts";

const isCode = (code: string): code is ErrorCode => (errorCodes() as ReadonlyMap<string, number>).has(code);

function asError(answer: unknown): BenchError {
  const { code, message, fix } = refusalSchema.parse(answer);
  return new BenchError(isCode(code) ? code : "SERVICE_FAILED", message, fix);
}

/** @throws the supervisor's error, or BenchError NO_CLUSTER if the supervisor ends before it answers */
export async function command(cluster: ClusterState, sent: Command): Promise<unknown> {
  try {
    const { statusCode, answer } = await exchange(cluster.socket, sent);
    if (statusCode === 200) return answer;
    throw asError(answer);
  } catch (error) {
    if (error instanceof BenchError) throw error;
    throw new BenchError(
      "NO_CLUSTER",
      `the supervisor of the cluster (process ${cluster.supervisor.pid}) gave no answer: ${messageOf(error)}`,
      "run the command again, or start a cluster with `bench api cluster up`",
      error,
    );
  }
}

async function exchange(socketPath: string, sent: Command): Promise<{ statusCode: number | undefined; answer: unknown }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ statusCode: number | undefined; answer: unknown }>();
  const outgoing = request({ socketPath, method: "POST", path: "/", agent: false }, (response) => {
    json(response).then((answer) => resolve({ statusCode: response.statusCode, answer }), reject);
  });
  outgoing.once("error", reject);
  outgoing.end(JSON.stringify(sent));
  return await promise;
}
