/** The cells for the tests of this folder: the code that the harness would choose, without its clock. */
import { findNativeVariant, listPlugIns, type PlugIn } from "../../harness/registry.ts";
import type { Orm } from "../../orms/orm.ts";
import type { NativeVariant, Strategy } from "../../strategies/strategy.ts";

export interface TestCode {
  readonly strategy: Strategy;
  readonly orm: Orm;
  /** the ORM's native variant of the strategy, if it has one */
  readonly code: Pick<Strategy | NativeVariant, "run">;
  readonly hasNativeVariant: boolean;
  /** `chunked on mysql2` */
  readonly name: string;
}

async function codeOf(strategy: Strategy, orm: PlugIn<Orm>): Promise<TestCode> {
  const found = await findNativeVariant(strategy.id, orm.url);
  const nativeVariant = found === null ? null : ((await import(found.url)) as { nativeVariant: NativeVariant }).nativeVariant;
  return {
    strategy,
    orm: orm.value,
    code: nativeVariant ?? strategy,
    hasNativeVariant: nativeVariant !== null,
    name: `${strategy.id} on ${orm.value.id}`,
  };
}

const canRun = ({ strategy, orm, hasNativeVariant }: TestCode): boolean =>
  hasNativeVariant || strategy.requires.every((capability) => orm.capabilities.has(capability));

/** Every strategy with every ORM that can run it. */
export async function listCodes(): Promise<TestCode[]> {
  const [strategies, orms] = await Promise.all([listPlugIns("strategy"), listPlugIns("orm")]);
  const all = await Promise.all(strategies.flatMap(({ value }) => orms.map((orm) => codeOf(value, orm))));
  return all.filter(canRun);
}
