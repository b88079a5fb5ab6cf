/** Options of `bench api run` for what happens to instances in the middle of a batch: one for each kind. */
import { InvalidArgumentError, type Command } from "commander";
import { MAX_INSTANCES } from "../cluster/cluster.ts";
import type { Disturbance, DisturbanceChoice } from "../scenario/disturbances/disturbance.ts";
import { DISTURBANCES } from "../scenario/disturbances/registry.ts";
import { BenchError } from "../../lib/errors.ts";
import { list, percent, wholeNumber, type Parser } from "./values.ts";

const PERCENT = percent({ min: 1, max: 99 });
const COUNT = wholeNumber({ min: 1, max: MAX_INSTANCES });
const PARTS = list();

const optionOf = ({ id }: Disturbance): string => `${id}At`;
const flagOf = ({ id }: Disturbance): string => `--${id}-at`;

/**
 * `50%`, or `50%:4` for kinds that change the number of instances; several separated by commas, or by a repeated option. The last value
 * of `--scale-at 50%:4 --scale-at 50%:3` silently replaced the first one.
 */
function choicesOf({ id, changesCount }: Disturbance): Parser<DisturbanceChoice[]> {
  const parse = (given: string, before: readonly DisturbanceChoice[] = []): DisturbanceChoice[] => [
    ...before,
    ...PARTS(given).map((part) => {
      const [at = "", to, ...rest] = part.split(":");
      if (rest.length > 0 || (to === undefined) === changesCount)
        throw new InvalidArgumentError(
          changesCount
            ? `"${part}" is not a part of the users and a number such as 50%:4.`
            : `"${part}" is not a part such as 50%.`,
        );
      return { kind: id, at: PERCENT(at) / 100, to: to === undefined ? null : COUNT(to) };
    }),
  ];
  return Object.assign(parse, { values: PARTS.values });
}

export function addDisturbanceOptions(command: Command): Command {
  for (const kind of DISTURBANCES) {
    const format = kind.changesCount ? "<percent:n>" : "<percent>";
    const example = kind.changesCount ? "50%:4" : "50%";
    command.option(
      `${flagOf(kind)} ${format}`,
      `measure also with a disturbance: ${kind.summary} when so many users are written, e.g. ${example}; comma separated`,
      choicesOf(kind),
    );
  }
  return command;
}

/**
 * @param options of the verb
 * @returns the disturbances for a number of instances, first none
 * @throws BenchError BAD_OPTION without a number of instances that fits
 */
export function disturbancesFor(
  options: Readonly<Record<string, unknown>>,
  instances: readonly number[] | undefined,
): (count: number) => (DisturbanceChoice | null)[] {
  const fits = (kind: Disturbance, { to }: DisturbanceChoice, count: number): boolean =>
    count >= kind.minInstances && to !== count;
  const given = DISTURBANCES.flatMap((kind) =>
    ((options[optionOf(kind)] ?? []) as DisturbanceChoice[]).map((choice) => ({ kind, choice })),
  );
  for (const { kind, choice } of given)
    if (instances?.some((count) => fits(kind, choice, count)) !== true) {
      const needs = kind.changesCount ? "--instances with another number" : `--instances of ${kind.minInstances} or more`;
      const found = instances === undefined ? "without --instances" : `with --instances ${instances.join(",")}`;
      throw new BenchError("BAD_OPTION", `${flagOf(kind)} changes nothing ${found}`, `add ${needs}`);
    }
  return (count) => [null, ...given.filter(({ kind, choice }) => fits(kind, choice, count)).map(({ choice }) => choice)];
}
