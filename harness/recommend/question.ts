/** The question of an engineer: a library, the conditions of the job, and the goal. */

export const PREFERENCES = ["fastest", "gentlest", "simplest"] as const;
export type Preference = (typeof PREFERENCES)[number];

export interface Question {
  readonly orm: string;
  readonly key: string;
  /** total round-trip time between client and server; null: as measured */
  readonly rttMs: number | null;
  /** orders that the job reads; null: as measured */
  readonly orders: number | null;
  /** rows that the job writes; null: as measured */
  readonly rows: number | null;
  /** limit of the client's resident memory; null: no limit */
  readonly memoryBytes: number | null;
  readonly prefer: Preference;
  /** present time of the user's job; null: unknown */
  readonly takesMs: number | null;
}
