/**
 * The harness's clock, taken when the program starts and so before any plug-in is loaded: a plug-in that replaces
 * `process.hrtime` or `performance.now` changes neither its own time nor how it is watched.
 */
const hrtime = process.hrtime.bigint.bind(process.hrtime);

const NS_PER_MS = 1e6;

/** Monotonic nanoseconds. */
export const clockNs = (): bigint => hrtime();

/** Monotonic milliseconds with fractions. */
export const clockMs = (): number => Number(hrtime()) / NS_PER_MS;
