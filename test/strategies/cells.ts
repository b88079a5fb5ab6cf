/** The cells for the tests of this folder: the code that the harness would choose, without its clock. */
import { findNativeVariant, listPlugIns, type PlugIn } from "../../harness/registry.ts";
import type { Orm } from "../../orms/orm.ts";
import type { UpdateForm } from "../../strategies/update-form.ts";
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

/** The form of a technique that differs from others in the SQL of its updates; null for other techniques. */
export async function formOf({ strategy, hasNativeVariant }: TestCode): Promise<UpdateForm | null> {
  if (hasNativeVariant) return null;
  const { form } = (await import(`../../strategies/${strategy.id}.ts`)) as { form?: UpdateForm };
  return form ?? null;
}

/** Native variants run on every ORM, and each other technique on one ORM, in turn. */
export function inTurn(codes: readonly TestCode[]): (code: Pick<TestCode, "strategy" | "orm" | "hasNativeVariant">) => boolean {
  const byStrategy = Map.groupBy(codes, ({ strategy }) => strategy.id);
  const places = [...byStrategy.keys()];
  return ({ strategy, orm, hasNativeVariant }) => {
    const able = byStrategy.get(strategy.id) ?? [];
    return hasNativeVariant || able[places.indexOf(strategy.id) % able.length]?.orm.id === orm.id;
  };
}

/** Native variants and the techniques of a library's operations run on every ORM; each further technique on one ORM, in turn. */
export function oneOrmEach(
  codes: readonly TestCode[],
): (code: Pick<TestCode, "strategy" | "orm" | "hasNativeVariant">) => boolean {
  const isInTurn = inTurn(codes);
  return (code) => code.strategy.api === undefined || isInTurn(code);
}

/** These operations send one statement for each row, and the techniques that use them differ in nothing else. */
const ROW_STATEMENTS = ["statement-batch", "multi-statements", "prepared-statements"] as const;

/**
 * The names of the first code of each frame. Forms of update share one, and so do techniques with a statement for each row. Each other
 * technique and each native variant has a frame that no other code uses.
 */
export async function firstOfFrame(codes: readonly TestCode[]): Promise<ReadonlySet<string>> {
  const byFrame = new Map<string, string>();
  for (const code of codes) {
    const { strategy, hasNativeVariant, name } = code;
    const sendsRows = !hasNativeVariant && ROW_STATEMENTS.some((capability) => strategy.requires.includes(capability));
    const frame = (await formOf(code)) !== null ? "updates" : sendsRows ? "rows" : name;
    if (!byFrame.has(frame)) byFrame.set(frame, name);
  }
  return new Set(byFrame.values());
}

/** Every strategy with every ORM that can run it. */
export async function listCodes(): Promise<TestCode[]> {
  const [strategies, orms] = await Promise.all([listPlugIns("strategy"), listPlugIns("orm")]);
  const all = await Promise.all(strategies.flatMap(({ value }) => orms.map((orm) => codeOf(value, orm))));
  return all.filter(canRun);
}
