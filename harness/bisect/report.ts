/** The found step in words. */
import { count, times } from "../text/format.ts";
import type { Found } from "./bisect.ts";
import type { Step } from "./steps.ts";

const nameOf = ({ label, subject }: Step): string => (subject === null ? label : `${label} ${subject}`);

function sides({ criterion, good, bad }: Found): readonly [good: string, bad: string] {
  if (criterion.kind === "statements")
    return [good?.text ?? `${count(criterion.good)} statements`, bad?.text ?? `${count(criterion.bad)} statements`];
  return [good?.text ?? "the good end", bad?.text ?? `${times(criterion.ratio)} the time of the good end`];
}

export function foundText(found: Found): string {
  const { lastGood, firstBad, unusable, good, bad, measured, steps } = found;
  const [before, after] = sides(found);
  const unsure = [good, bad].some((verdict) => verdict?.isSure === false);
  return [
    `${unusable.length === 0 ? "The change came with" : "The change came at the latest with"} ${nameOf(firstBad)}`,
    `  before: ${before} (${nameOf(lastGood)})`,
    `  after:  ${after}`,
    ...(unusable.length === 0
      ? []
      : [
          `${unusable.length} ${unusable.length === 1 ? "step" : "steps"} between them could not be measured, and can be the cause:`,
        ]),
    ...unusable.map(([step, reason]) => `  ${nameOf(step)}: ${reason.text}`),
    ...(unsure ? ["Noise hides the proof of a step beside the change. Raise --rounds to be sure."] : []),
    `Measured ${measured} of ${steps} steps and both ends.`,
  ].join("\n");
}
