/** Reads the heartbeats of the members from the registry of the service. */
import { select } from "../../lib/connection.ts";
import type { Admin } from "./admin.ts";

/** The last heartbeat of a registration. */
export interface Beat {
  readonly address: string;
  /** of the registration, hex */
  readonly id: string;
  /** by the server's clock, from any fixed moment */
  readonly beatAtMs: number;
  /** when the server answered */
  readonly ageMs: number;
}

export async function readBeats(admin: Admin): Promise<Beat[]> {
  const rows = await admin.use((connection) =>
    select<{ address: string; id: string; atUs: number | string; ageUs: number | string }>(
      connection,
      `SELECT address, LOWER(HEX(id)) AS id, TIMESTAMPDIFF(MICROSECOND, '2020-01-01', beat_at) AS atUs,
         TIMESTAMPDIFF(MICROSECOND, beat_at, UTC_TIMESTAMP(6)) AS ageUs FROM was_instance`,
    ),
  );
  return rows.map(({ address, id, atUs, ageUs }) => ({
    address,
    id,
    beatAtMs: Number(atUs) / 1_000,
    ageMs: Number(ageUs) / 1_000,
  }));
}
