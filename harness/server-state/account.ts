/**
 * The database account of the measured child processes. The harness creates a separate account where it may, else the children
 * use the account of the harness. With a separate account, the server's counters per account count only the children, and no
 * child can read the oracle's tables or change the orders.
 */
import { createHash, randomBytes } from "node:crypto";
import { connect, execute, selectIfAllowed, serverErrorNumber, type Connection } from "../../lib/connection.ts";
import { connectionId, listSessions, type ServerSession } from "../../lib/sessions.ts";
import { BenchError, messageOf } from "../../lib/errors.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { clockMs } from "../../lib/clock.ts";
import { childGrants, inputPrivilege, schemaNamesArePatterns } from "./grants.ts";
import { countStatements, untilCounted } from "../probes/statements.ts";
import { openUnfinished, type FindUnfinished } from "./unfinished.ts";

const KILL_DEADLINE_MS = 120_000;
const KILL_POLL_MS = 20;
const ER_NO_SUCH_THREAD = 1094;

/** The account, and the control of its sessions. */
export interface ChildAccount extends AsyncDisposable {
  readonly target: ConnectionTarget;
  /**
   * a session of the harness without a current schema, for readings between the end of a job and the last counters: the digests of the
   * schema would contain its statements otherwise
   */
  readonly observer: Connection;
  /** the counted account, and the harness's session in it; null when the children share the account of the harness */
  readonly counted: { readonly user: string; readonly ownConnectionId: number } | null;
  /** limits that missing privileges cause, as sentences for the run's notes */
  readonly notes: readonly string[];
  /** Finds a statement or transaction of the children that is not finished yet. Wait 0.1 s between two calls. */
  readonly findUnfinished: FindUnfinished;
  /**
   * Lets the next child in: a new password, so that a process of an earlier sample cannot connect. Until `letRead`, the child cannot read
   * the orders.
   * @returns the target with the password
   */
  admit(): Promise<ConnectionTarget>;
  /** Lets the child read the orders. Otherwise a library could compute the result before the clock starts. */
  letRead(): Promise<void>;
  /** Locks the account: nobody connects until the next `admit`. Open sessions stay. */
  shut(): Promise<void>;
  /** Sessions of the children now. */
  countSessions(): Promise<number>;
  /** Isolation levels of the last transaction of each session, as the server names them; empty: the server does not show them. */
  seenIsolations(): Promise<readonly string[]>;
  /**
   * Ends every session of the children and waits until the server has rolled back their open transactions. After that, no child
   * can write a row. Call it after the process of the job has ended.
   * @returns the reason why the sample does not count: the session of the harness in the account ended; null: it did not
   */
  killSessions(): Promise<string | null>;
  /** Statements that the children have executed so far, by the server's count; null: the server does not count them. */
  countStatements(): Promise<number | null>;
  /** The same count when no session of the children executes a statement, or after 2 s. The server counts a statement after the answer. */
  countAnswered(): Promise<number | null>;
}

/** One name per schema: otherwise two runs on one server would count each other's statements. */
const accountName = (schema: string): string => `bench_child_${createHash("sha256").update(schema).digest("hex").slice(0, 12)}`;

/** Random, with each kind of character that password policies require. */
const newPassword = (): string => `${randomBytes(18).toString("base64url")}aA1-`;

/**
 * Drops an account that an earlier run left, and creates it with a new password. Dispose drops it. When the server denies this,
 * the children get the account of the harness.
 * @param others further connections of the harness in these schemas, which `killSessions` must not end
 */
export async function createChildAccount(
  admin: Connection,
  target: ConnectionTarget,
  scratchSchema: string,
  others: readonly Connection[] = [],
): Promise<ChildAccount> {
  const observer = await connect(target, { withSchema: false });
  observer.on("error", () => {});
  try {
    return await separateAccount(admin, observer, target, scratchSchema).catch(async (error: unknown) => {
      // A lost server would fail `sharedAccount` too, with a less specific error.
      if (serverErrorNumber(error) === null && !(error instanceof BenchError && error.code === "ACCESS_DENIED")) throw error;
      return await sharedAccount(admin, observer, target, scratchSchema, others, messageOf(error));
    });
  } catch (error) {
    observer.destroy();
    throw error;
  }
}

async function separateAccount(
  admin: Connection,
  observer: Connection,
  target: ConnectionTarget,
  scratchSchema: string,
): Promise<ChildAccount> {
  const user = accountName(target.schema);
  const child = { ...target, user, password: newPassword() };
  const drop = () => execute(admin, "DROP USER IF EXISTS ?@'%'", [user]);
  await drop();
  await execute(admin, "CREATE USER ?@'%' IDENTIFIED BY ?", [user, child.password]);
  try {
    const grants = childGrants(target.schema, scratchSchema, await schemaNamesArePatterns(admin));
    for (const grant of grants) await execute(admin, `${grant} TO ?@'%'`, [user]);
    // `warden` uses the children's account, so it can list and kill their sessions without a further privilege. It connects
    // before the first child to check the login: a proxy in front of the server may reject a new account.
    let warden = await openWarden(child);
    const counted = { user, ownConnectionId: warden.id };
    let { password } = child;
    // MariaDB before 10.4 cannot lock an account
    const canLock = await execute(admin, "ALTER USER ?@'%' ACCOUNT UNLOCK", [user]).then(
      () => true,
      () => false,
    );
    const input = inputPrivilege(target.schema);
    let mayRead = true;
    const isMeasured = (session: ServerSession): boolean => session.id !== warden.id && session.user === user;
    let hasEnded = false;
    /** A job with the same account can end the session. Then every later sample would fail. */
    const keepWarden = async (): Promise<void> => {
      if (await warden.isOpen()) return;
      hasEnded = true;
      if (canLock) await execute(admin, "ALTER USER ?@'%' ACCOUNT UNLOCK", [user]);
      warden.connection.destroy();
      warden = await openWarden({ ...child, password });
      counted.ownConnectionId = warden.id;
    };
    const unfinished = await openUnfinished({
      admin: observer,
      observer: () => warden.connection,
      isMeasured,
      account: counted,
    });
    return {
      target: child,
      observer,
      counted,
      // Before the first child, the statements of `warden` show whether the server counts at all.
      notes: [...((await countStatements(admin, user)) === null ? [NOT_COUNTED] : []), ...unfinished.notes],
      findUnfinished: unfinished.find,
      async admit() {
        await keepWarden();
        hasEnded = false;
        password = newPassword();
        await execute(admin, "ALTER USER ?@'%' IDENTIFIED BY ?", [user, password]);
        if (mayRead) await execute(admin, `REVOKE ${input} FROM ?@'%'`, [user]);
        mayRead = false;
        if (canLock) await execute(admin, "ALTER USER ?@'%' ACCOUNT UNLOCK", [user]);
        // The first login fills the server's cache of caching_sha2_password: a library without TLS could not log in otherwise.
        const first = await connect({ ...child, password }, { withSchema: false });
        await first.end();
        return { ...child, password };
      },
      async letRead() {
        await execute(admin, `GRANT ${input} TO ?@'%'`, [user]);
        mayRead = true;
      },
      async shut() {
        if (canLock) await execute(observer, "ALTER USER ?@'%' ACCOUNT LOCK", [user]);
      },
      async countSessions() {
        await keepWarden();
        return (await listSessions(warden.connection)).filter(isMeasured).length;
      },
      seenIsolations: () => isolationsOf(observer, user, warden.id),
      async killSessions() {
        await keepWarden();
        await endSessions(warden.connection, isMeasured);
        return hasEnded ? WARDEN_ENDED : null;
      },
      countStatements: () => countStatements(observer, user, warden.id),
      async countAnswered() {
        await untilCounted(observer, user, warden.id);
        return await countStatements(observer, user, warden.id);
      },
      async [Symbol.asyncDispose]() {
        warden.connection.destroy();
        observer.destroy();
        await drop();
      },
    };
  } catch (error) {
    await drop();
    throw error;
  }
}

const WARDEN_ENDED =
  "the session of bench in the account of the job ended: the job killed the session, or the server's wait_timeout is too short";

interface Warden {
  readonly connection: Connection;
  readonly id: number;
  isOpen(): Promise<boolean>;
}

async function openWarden(child: ConnectionTarget): Promise<Warden> {
  const connection = await connect(child, { withSchema: false });
  connection.on("error", () => {});
  const id = await connectionId(connection);
  return {
    connection,
    id,
    isOpen: () =>
      connection.ping().then(
        () => true,
        () => false,
      ),
  };
}

/** Of transactions that a library began; single statements run in a transaction of the server. */
async function isolationsOf(observer: Connection, user: string, exceptId: number): Promise<string[]> {
  const rows = await selectIfAllowed<{ isolation: string | null }>(
    observer,
    `SELECT DISTINCT x.ISOLATION_LEVEL AS isolation
     FROM performance_schema.events_transactions_current AS x JOIN performance_schema.threads AS t ON t.THREAD_ID = x.THREAD_ID
     WHERE t.PROCESSLIST_USER = ? AND t.PROCESSLIST_ID <> ? AND x.AUTOCOMMIT = 'NO' AND x.ACCESS_MODE = 'READ WRITE'`,
    [user, exceptId],
  );
  return rows.flatMap(({ isolation }) => isolation ?? []);
}

const NOT_COUNTED =
  "Statements were not counted: performance_schema is off on this server, or the account may not read it (`bench db grants --counts`).";

async function sharedAccount(
  admin: Connection,
  observer: Connection,
  target: ConnectionTarget,
  scratchSchema: string,
  others: readonly Connection[],
  why: string,
): Promise<ChildAccount> {
  const ids = await Promise.all([admin, ...others].map(connectionId));
  const schemas = new Set<string | null>([target.schema, scratchSchema]);
  const isMeasured = ({ id, user, schema }: ServerSession): boolean =>
    user === target.user && schemas.has(schema) && !ids.includes(id);
  const unfinished = await openUnfinished({ admin: observer, observer: () => observer, isMeasured, account: null });
  return {
    target,
    observer,
    counted: null,
    notes: [
      `The measured processes used the account of the harness, because it may not make one for them (${why}): statements were not counted, and a strategy could have read the expected rows.`,
      ...unfinished.notes,
    ],
    findUnfinished: unfinished.find,
    admit: () => Promise.resolve(target),
    letRead: () => Promise.resolve(),
    shut: () => Promise.resolve(),
    countSessions: async () => (await listSessions(admin)).filter(isMeasured).length,
    seenIsolations: () => Promise.resolve([]),
    async killSessions() {
      await endSessions(admin, isMeasured);
      return null;
    },
    countStatements: () => Promise.resolve(null),
    countAnswered: () => Promise.resolve(null),
    async [Symbol.asyncDispose]() {
      observer.destroy();
    },
  };
}

/** @param connection of the same account as the sessions: KILL then needs no further privilege */
async function endSessions(connection: Connection, isMeasured: (session: ServerSession) => boolean): Promise<void> {
  const deadline = clockMs() + KILL_DEADLINE_MS;
  for (;;) {
    const sessions = (await listSessions(connection)).filter(isMeasured);
    if (sessions.length === 0) return;
    for (const { id } of sessions) {
      await execute(connection, `KILL ${id}`).catch((error: unknown) => {
        if (serverErrorNumber(error) !== ER_NO_SUCH_THREAD) throw error;
      });
    }
    if (clockMs() > deadline)
      throw new BenchError(
        "SERVER_LOST",
        `${sessions.length} killed sessions of the measured processes are still there after ${KILL_DEADLINE_MS / 1000} s`,
        "wait until the server has rolled back their transactions, then start again",
      );
    await new Promise((resume) => setTimeout(resume, KILL_POLL_MS));
  }
}
