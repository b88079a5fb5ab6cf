/**
 * The writes of one attempt, inside the process of the library. A technique that exports a form writes one update without the split
 * at 65,535 placeholders. Any other technique writes one chunk on synthetic users and totals. Both are rolled back.
 */
import type { OrmSession } from "../../orms/orm.ts";
import type { KeyScheme } from "../../strategies/keys/key.ts";
import { runSteps } from "../../strategies/many-row-update.ts";
import type { UpdateForm } from "../../strategies/update-form.ts";
import type { NativeVariant, Strategy, StrategyContext } from "../../strategies/strategy.ts";
import { gradeUpdate } from "../../strategies/update-chunks.ts";
import type { OrderTotal, UserState } from "../../workload/tables.ts";
import type { UserIds } from "./messages.ts";

export interface LimitedCode {
  readonly code: Pick<Strategy | NativeVariant, "run">;
  /** null: the technique has no form, or the library has its own variant */
  readonly form: UpdateForm | null;
  readonly key: KeyScheme;
}

/** Reports what a statement of hand-written SQL has. */
export type OnStatement = (placeholders: number) => void;

/** Set by no other code, so that the check finds the rows of this attempt. */
const CHANGED_AT = new Date(Date.UTC(2030, 0, 1));
const CHANGED_AT_SQL = "2030-01-01 00:00:00";
const RUN_ID = 1;
/** One paid order earns no badge, so that each user gets the grade SILVER, and no coupon. */
const NEW_GRADE = "SILVER";

/** Ends the transaction after the check, so that the library rolls back. */
class RollBack extends Error {}

function* idsOf({ first, missingFrom, missing, last }: UserIds): Generator<number> {
  yield* first;
  for (let index = 0; index < missing; index += 1) yield missingFrom + index;
  yield* last;
}

/**
 * Runs `work` in a transaction of the library, checks that the existing users changed, and rolls back.
 * @throws the error of the library, or an error about users that did not change
 */
async function rolledBack(session: OrmSession, ids: UserIds, work: (tx: OrmSession) => Promise<void>): Promise<void> {
  let isChecked = false;
  try {
    await session.transaction(async (tx) => {
      await work(tx);
      const existing = [...ids.first, ...ids.last];
      const [row] = await tx.query(
        `SELECT COUNT(*) AS changed FROM users WHERE id IN (${existing.join(", ")}) AND grade_changed_at = '${CHANGED_AT_SQL}'`,
        [],
      );
      if (Number(row?.["changed"]) !== existing.length)
        throw new Error(`wrong result: ${String(row?.["changed"])} of ${existing.length} existing users changed`);
      isChecked = true;
      throw new RollBack("the attempt is over");
    });
  } catch (error) {
    // a library can wrap the error
    if (!isChecked) throw error;
  }
}

/** The session's hand-written SQL, with the number of placeholders of each statement. */
const counted = (tx: OrmSession, onStatement: OnStatement): OrmSession =>
  new Proxy(tx, {
    get(target, name) {
      if (name !== "execute") return bound(target, name);
      return async (...args: Parameters<OrmSession["execute"]>) => {
        onStatement(args[1].length);
        await target.execute(...args);
      };
    },
  });

function bound(target: OrmSession, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name, target);
  return typeof value === "function" ? (value.bind(target) as unknown) : value;
}

async function writeStatement(session: OrmSession, form: UpdateForm, ids: UserIds, onStatement: OnStatement): Promise<void> {
  const users = [...idsOf(ids)].map((userId) => ({ userId, newGrade: NEW_GRADE }) as const);
  const steps = form.steps(gradeUpdate(users, CHANGED_AT));
  await rolledBack(session, ids, (tx) => runSteps(counted(tx, onStatement), steps));
}

/** The technique's own code with one chunk. Reads answer at once; the first transaction is the chunk's, and it is rolled back. */
async function writeChunk(session: OrmSession, { code, key }: LimitedCode, ids: UserIds): Promise<void> {
  const users: UserState[] = [...idsOf(ids)].map((id) => ({ id, grade: "GOLD" }));
  const [firstUserId, lastUserId] = [users[0]?.id ?? 1, users.at(-1)?.id ?? 1];
  let transactions = 0;
  const replaced: Partial<OrmSession> = {
    usersAfter: async (afterId) => (afterId < firstUserId ? users : []),
    orderTotals: async () => users.map(({ id }): OrderTotal => ({ userId: id, categoryId: 1, orders: 1, amountWon: 1 })),
    badges: async () => [],
    query: async () => [],
    execute: async () => {},
    // the caller's result is that of a transaction without rows
    transaction: async <T>(work: (tx: OrmSession) => Promise<T>): Promise<T> => {
      transactions += 1;
      await rolledBack(session, ids, async (tx) => void (await work(tx)));
      return undefined as T;
    },
  };
  const context: StrategyContext = {
    session: new Proxy(session, {
      get: (target, name) => Reflect.get(replaced, name) ?? bound(target, name),
    }),
    key,
    runId: RUN_ID,
    window: { from: CHANGED_AT, to: CHANGED_AT },
    changedAt: CHANGED_AT,
    partition: { firstUserId, lastUserId },
    chunkUsers: users.length,
    phase: (_, work) => work(),
    retry: (work) => work(),
    finished: () => {},
  };
  await code.run(context);
  if (transactions !== 1)
    throw new Error(`the technique used ${transactions} transactions of the session for one chunk, so bench cannot roll it back`);
}

export function write(session: OrmSession, code: LimitedCode, ids: UserIds, onStatement: OnStatement): Promise<void> {
  return code.form === null ? writeChunk(session, code, ids) : writeStatement(session, code.form, ids, onStatement);
}
