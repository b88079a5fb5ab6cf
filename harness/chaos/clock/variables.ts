/** How the harness sets the clock of a member: it writes the shift in ms into a file, and sends a signal. */

export const CLOCK_FILE_VARIABLE = "BENCH_CHAOS_CLOCK";
export const CLOCK_SIGNAL = "SIGUSR2";
export const CLOCK_MODULE = new URL("./shifted.ts", import.meta.url);
