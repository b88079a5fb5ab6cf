/** The axis `--prefill`: how many earlier runs of the job the growing tables hold before the measured one, and the kind of their keys. */

/** At the default data, 100 runs are 19 million rows. */
export const MAX_PREFILL = 100;

interface Prefill {
  /** number of earlier runs, each with the rows of the measured run */
  readonly times: number;
  /** id of the key kind; null: that of the cell */
  readonly key: string | null;
}

/** @param text `10` or `10:uuidv4` @returns null if the text has another form */
export function parsePrefill(text: string): Prefill | null {
  const [, digits = "", key = null] = /^(\d{1,4})(?::([\w-]+))?$/.exec(text) ?? [];
  const times = Number(digits);
  return digits === "" || times > MAX_PREFILL ? null : { times, key };
}

/** For people: `after 10 runs`, `after 10 runs with uuidv4`. */
export function prefillText(text: string): string {
  const { times = 0, key = null } = parsePrefill(text) ?? {};
  return `after ${times} ${times === 1 ? "run" : "runs"}${key === null ? "" : ` with ${key}`}`;
}

/** The value of a cell: `10`, `10:uuidv4`; null for empty tables. @param ownKey id of the cell's key, which the value leaves out */
export function prefillOf(text: string | null, ownKey: string): string | null {
  const prefill = text === null ? null : parsePrefill(text);
  if (prefill === null || prefill.times === 0) return null;
  return prefill.key === null || prefill.key === ownKey ? String(prefill.times) : `${prefill.times}:${prefill.key}`;
}
