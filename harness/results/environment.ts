/** Schema of machine, versions and server in the records of runs and scenarios. */
import { z } from "zod";
import { TLS_MODES } from "../../lib/tls.ts";

export const machineSchema = z.object({
  name: z.string(),
  cpu: z.string(),
  cores: z.number(),
  memoryBytes: z.number(),
  kernel: z.string(),
  loadAverage: z.number().nullable(),
});

export const environmentSchema = z.object({
  machine: machineSchema,
  versions: z.record(z.string(), z.string().nullable()),
  gitCommit: z.string().nullable(),
  server: z.object({
    provider: z.string(),
    version: z.string(),
    /** null: not the embedded server; absent in perf.json of older versions */
    binaryManifest: z.string().nullable().default(null),
    /** `managed`: the server's operator decides; `unknown` only in older records */
    durability: z.enum(["full", "relaxed", "managed", "unknown"]),
    /** each setting that gives up a part of crash safety, with its risk; empty in version 1 */
    durabilityRisks: z.array(z.string()).default([]),
    /** TLS mode of the connections; null without TLS */
    tls: z.enum(TLS_MODES).nullable().default(null),
    isolation: z.string().nullable(),
    variables: z.record(z.string(), z.string().nullable()),
    rttMs: z.number().nullable(),
  }),
  fsyncP50Ms: z.number().nullable(),
});
