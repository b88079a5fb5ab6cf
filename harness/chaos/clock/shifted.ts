/**
 * Node loads this module before a member of the trials (`--import`), in each of its threads. A signal then shifts the wall clock of
 * the whole process, as a wrong clock of its machine does. Timers and the monotonic clock stay as they are.
 */
import { readFileSync } from "node:fs";
import { getEnvironmentData, isMainThread, setEnvironmentData } from "node:worker_threads";
import { CLOCK_FILE_VARIABLE, CLOCK_SIGNAL } from "./variables.ts";

const KEY = "chaos clock";

/** One number in memory that all threads share. */
const offsetMs = isMainThread ? new Float64Array(new SharedArrayBuffer(8)) : (getEnvironmentData(KEY) as unknown as Float64Array);

const RealDate = Date;
const now = (): number => RealDate.now() + (offsetMs[0] ?? 0);

globalThis.Date = new Proxy(RealDate, {
  construct: (real, given: [], target) => Reflect.construct(real, given.length === 0 ? [now()] : given, target) as Date,
  get: (real, name, receiver) => (name === "now" ? now : (Reflect.get(real, name, receiver) as unknown)),
});

if (isMainThread) {
  setEnvironmentData(KEY, offsetMs);
  process.on(CLOCK_SIGNAL, () => {
    offsetMs[0] = Number(readFileSync(process.env[CLOCK_FILE_VARIABLE] ?? "", "utf8"));
  });
}
