/** All probes of the server around a sample. One that fails leaves its fields empty: what is measured matters more. */
import { connect } from "../../../lib/connection.ts";
import { messageOf } from "../../../lib/errors.ts";
import type { Log } from "../../../lib/log.ts";
import type { ConnectionTarget } from "../../../lib/target.ts";
import type { KeyStorage } from "../../../workload/tables.ts";
import { listPlugIns } from "../../registry.ts";
import { costsSchema, type Costs, type ProbeContext, type SampleProbe } from "./probe.ts";

export interface ServerProbes extends AsyncDisposable {
  /** what this server does not tell, in a sentence for the run's notes */
  readonly notes: readonly string[];
  start(): Promise<void>;
  finish(storage: KeyStorage): Promise<Costs>;
}

export async function openServerProbes(
  target: ConnectionTarget,
  seen: Omit<ProbeContext, "admin" | "schema">,
  log: Log,
): Promise<ServerProbes> {
  const admin = await connect(target, { withSchema: false });
  // an idle connection that the server ends reports it here; the next query on it throws all the same
  admin.on("error", () => {});
  const context: ProbeContext = { ...seen, admin, schema: target.schema };
  const opened: SampleProbe[] = [];
  const missing: string[] = [];
  for (const { value: probe } of await listPlugIns("probe")) {
    const found = await probe.open(context).catch((error: unknown) => ({ missing: messageOf(error) }));
    if ("missing" in found) {
      missing.push(probe.tells);
      log.detail(`not recorded: ${probe.tells} (${found.missing})`);
    } else opened.push(found);
  }
  let started: SampleProbe[] = [];
  return {
    notes:
      missing.length === 0
        ? []
        : [`Not recorded, because this server does not tell, or not this account (-v says why): ${missing.join("; ")}.`],
    async start() {
      started = [];
      for (const probe of opened) {
        const hasStarted = await probe.start().then(
          () => true,
          () => false,
        );
        if (hasStarted) started.push(probe);
      }
    },
    async finish(storage) {
      const parts: Partial<Costs>[] = [];
      for (const probe of started) parts.push(await probe.finish(storage).catch(() => ({})));
      return costsSchema.parse(Object.assign({}, ...parts));
    },
    async [Symbol.asyncDispose]() {
      admin.destroy();
    },
  };
}

/** For a sample whose time alone is wanted. */
export const NO_PROBES: ServerProbes = {
  notes: [],
  start: async () => {},
  finish: async () => costsSchema.parse({}),
  async [Symbol.asyncDispose]() {},
};
