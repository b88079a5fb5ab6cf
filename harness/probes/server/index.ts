/** Runs all probes of the server around a sample. A probe that fails leaves its fields null and does not fail the sample. */
import { connect } from "../../../lib/connection.ts";
import { messageOf } from "../../../lib/errors.ts";
import type { Log } from "../../../lib/log.ts";
import type { ConnectionTarget } from "../../../lib/target.ts";
import type { KeyStorage } from "../../../workload/tables.ts";
import { listPlugIns } from "../../registry.ts";
import { costsSchema, type Costs } from "../../results/costs-schema.ts";
import type { ProbeContext, SampleProbe } from "./probe.ts";

export interface ServerProbes extends AsyncDisposable {
  /** values that this server does not provide, as sentences for the notes of the run */
  readonly notes: readonly string[];
  start(): Promise<void>;
  /** at the end of the job, while its sessions are open */
  atEnd(): Promise<void>;
  finish(storage: KeyStorage): Promise<Finished>;
}

export interface Finished {
  readonly costs: Costs;
  /** failures of probes that this server supports, as sentences */
  readonly warnings: readonly string[];
}

export async function openServerProbes(
  target: ConnectionTarget,
  seen: Omit<ProbeContext, "admin" | "schema">,
  log: Log,
): Promise<ServerProbes> {
  const admin = await connect(target, { withSchema: false });
  // the server can end an idle connection; without a listener that error ends the process. The next query throws it again
  admin.on("error", () => {});
  const context: ProbeContext = { ...seen, admin, schema: target.schema };
  const opened: (SampleProbe & { readonly subject: string })[] = [];
  const missing: string[] = [];
  for (const { value: probe } of await listPlugIns("probe")) {
    const found = await probe.open(context).catch((error: unknown) => ({ missing: messageOf(error) }));
    if ("missing" in found) {
      missing.push(probe.subject);
      log.detail(`not recorded: ${probe.subject} (${found.missing})`);
    } else opened.push({ subject: probe.subject, ...found });
  }
  let started: typeof opened = [];
  let failures: string[] = [];
  return {
    notes: [
      ...(missing.length === 0
        ? []
        : [
            `Not recorded, because the server does not provide it or the account may not read it (-v prints the reason): ${missing.join("; ")}.`,
          ]),
      ...opened.flatMap(({ partly }) => (partly === undefined ? [] : [`Recorded in part: ${partly}.`])),
    ],
    async start() {
      [started, failures] = [[], []];
      for (const probe of opened) {
        try {
          await probe.start();
          started.push(probe);
        } catch (error) {
          failures.push(failureOf(probe.subject, error));
        }
      }
    },
    async atEnd() {
      // `finish` reads the same source again, and reports its failure
      for (const probe of started) await probe.atEnd?.().catch(() => {});
    },
    async finish(storage) {
      const parts: Partial<Costs>[] = [];
      for (const probe of started) {
        try {
          parts.push(await probe.finish(storage));
        } catch (error) {
          failures.push(failureOf(probe.subject, error));
        }
      }
      return { costs: costsSchema.parse(Object.assign({}, ...parts)), warnings: failures };
    },
    async [Symbol.asyncDispose]() {
      admin.destroy();
    },
  };
}

const failureOf = (subject: string, error: unknown): string => `not recorded: ${subject} (${messageOf(error)})`;

/** For a sample without counters. */
export const NO_PROBES: ServerProbes = {
  notes: [],
  start: async () => {},
  atEnd: async () => {},
  finish: async () => ({ costs: costsSchema.parse({}), warnings: [] }),
  async [Symbol.asyncDispose]() {},
};
