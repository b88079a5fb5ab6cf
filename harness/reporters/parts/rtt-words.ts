/** The English texts beside the fitted lines. A report in another language passes its own. */

export const RTT_WORDS = {
  head: ["cell", "round trips", "longest chain", "time = base + chain x RTT", "worst miss"] as readonly string[],
  at: (ms: number) => `at ${ms} ms`,
  uncheckedLine: (name: string) =>
    `${name}: two round-trip times without counted round trips fit every line. Measure a third one with --add-rtt.`,
  noLine: (name: string, miss: string) =>
    `${name}: no line, because base + chain x RTT misses a measured point by ${miss}. Measure more rounds, or more round-trip times.`,
  upTo: (name: string, time: string) => `${name} up to ${time}`,
  anywhere: (name: string) => `${name} at any round-trip time`,
  beyond: (name: string) => `${name} beyond`,
  fastest: (parts: string) => `Fastest by these lines: ${parts}.`,
  total: (measured: string) => `RTT is the total round-trip time, measured through the proxies: ${measured}.`,
  added: (totalMs: string, addedMs: number) => `${totalMs} ms with ${addedMs} ms added`,
};

export type RttWords = typeof RTT_WORDS;
