/**
 * The clock of the harness. The program takes it at its start, before it loads a plug-in. A plug-in that replaces
 * `process.hrtime` or `performance.now` therefore cannot change its measured time or its supervision.
 */
const hrtime = process.hrtime.bigint.bind(process.hrtime);
// A plug-in that replaced globalThis.Number by a proxy divided its measured time by 1,000.
const toNumber = Number;

const NS_PER_MS = 1e6;

/** Monotonic nanoseconds. */
export const clockNs = (): bigint => hrtime();

/** Monotonic milliseconds with fractions. */
export const clockMs = (): number => toNumber(hrtime()) / NS_PER_MS;
