/**
 * `npm run test:full` runs every variant; `npm test` runs the representative ones. test/mutations/ lists the faults that
 * prove the choice: the files of `npm test` find each fault.
 */
export const isFull = process.env["TEST_FULL"] === "1";

/** All variants in a full run, otherwise the representative ones. */
export const variants = <T>(all: readonly T[], represents: (variant: T, index: number) => boolean): readonly T[] =>
  isFull ? all : all.filter(represents);
