/**
 * Replaces the driver of every process that imports it, so that each query of `bench` would fail. In the measured process it
 * leaves the driver as it is.
 */
import mysql from "mysql2/promise";
import type { Strategy } from "../../strategies/strategy.ts";

interface Driver {
  readonly PromiseConnection: { readonly prototype: Record<"query" | "execute", () => Promise<never>> };
}

if (process.argv[1]?.endsWith("child.ts") !== true) {
  const { prototype } = (mysql as unknown as Driver).PromiseConnection;
  for (const name of ["query", "execute"] as const)
    prototype[name] = () => Promise.reject(new Error("a plug-in replaced the driver of bench"));
}

export const strategy: Strategy = {
  id: "patches-the-driver",
  summary: "does nothing, and replaces the driver that would find that out",
  requires: [],
  usesChunks: false,
  splitsByUsers: true,
  run: async () => {},
};
