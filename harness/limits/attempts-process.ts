/**
 * Sends statements of growing size through one library, until one fails. `bench limits` starts it with a limit of the heap, so that a
 * crash ends only this process.
 */
import { subscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { clockMs } from "../../lib/clock.ts";
import type { Orm, OrmSession } from "../../orms/orm.ts";
import type { KeyScheme } from "../../strategies/keys/key.ts";
import type { UpdateForm } from "../../strategies/update-form.ts";
import type { NativeVariant, Strategy } from "../../strategies/strategy.ts";
import { errorNumberOf } from "../worker/retry.ts";
import type { Cause, Failure } from "./kinds.ts";
import type { FromAttempts, Sent, ToAttempts, UserIds } from "./messages.ts";
import { write, type LimitedCode } from "./write.ts";

interface Modules {
  readonly strategy?: Strategy;
  readonly nativeVariant?: NativeVariant;
  readonly form?: UpdateForm;
}

/** A library can put a whole statement into its message. */
const MAX_MESSAGE_CHARS = 600;
const MAX_CAUSES = 8;

const sockets = new Set<Socket>();
subscribe("net.client.socket", (message) => void sockets.add((message as { socket: Socket }).socket));
/** A destroyed socket keeps its count. */
const bytesSent = (): number => [...sockets].reduce((sum, socket) => sum + (socket.bytesWritten ?? 0), 0);

let opened: { readonly orm: Orm; readonly session: OrmSession; readonly code: LimitedCode } | undefined;

const say = (message: FromAttempts): void => void process.send?.(message);

const shortened = (text: string): string =>
  text.length <= MAX_MESSAGE_CHARS ? text : `${text.slice(0, MAX_MESSAGE_CHARS / 2)} ... ${text.slice(-MAX_MESSAGE_CHARS / 2)}`;

function causesOf(error: unknown): Cause[] {
  const causes: Cause[] = [];
  for (let current = error; current !== undefined && current !== null && causes.length < MAX_CAUSES;) {
    const { name, message, code, cause } = (typeof current === "object" ? current : { message: current }) as Record<
      string,
      unknown
    >;
    causes.push({
      name: typeof name === "string" ? name : "Error",
      message: shortened(String(message)),
      code: typeof code === "string" || typeof code === "number" ? String(code) : null,
    });
    current = cause;
  }
  return causes;
}

const failureOf = (error: unknown, orm: Orm | undefined): Failure => ({
  causes: causesOf(error),
  errno: errorNumberOf(error, orm?.errorNumber?.bind(orm)) ?? null,
});

async function open({ modules, target, connection }: Extract<ToAttempts, { type: "open" }>): Promise<void> {
  const [{ orm }, loaded, { key }] = (await Promise.all([
    import(modules.ormUrl),
    import(modules.codeUrl),
    import(modules.keyUrl),
  ])) as [{ orm: Orm }, Modules, { key: KeyScheme }];
  const { strategy, nativeVariant } = loaded;
  const code = nativeVariant ?? strategy;
  if (code === undefined) throw new Error(`${modules.codeUrl} exports neither strategy nor nativeVariant`);
  const form = nativeVariant === undefined ? (loaded.form ?? null) : null;
  const session = await orm.connect({ target, storage: key.storage, uses: strategy?.requires ?? [], ...connection });
  // the first use of a connection is not part of an attempt
  await session.query("SELECT 1 AS one", []);
  opened = { orm, session, code: { code, form, key } };
  say({ type: "opened", operation: form === null ? "chunk" : "statement" });
}

async function attempt(userIds: UserIds): Promise<void> {
  if (opened === undefined) throw new Error("received an attempt before a session was open");
  const { orm, session, code } = opened;
  const [bytesBefore, startedAt] = [bytesSent(), clockMs()];
  let placeholders: number | null = null;
  const sent = (): Sent => ({ ms: clockMs() - startedAt, bytes: bytesSent() - bytesBefore, placeholders });
  const { promise, resolve } = Promise.withResolvers<FromAttempts>();
  // also for an error outside of the library's promise
  fail = (error) => resolve({ type: "tried", sent: sent(), failure: failureOf(error, orm) });
  write(session, code, userIds, (count) => (placeholders = Math.max(placeholders ?? 0, count))).then(
    () => resolve({ type: "tried", sent: sent(), failure: null }),
    fail,
  );
  say(await promise);
}

let fail = (error: unknown): void =>
  say({
    type: "failed",
    message: causesOf(error)
      .map(({ message }) => message)
      .join(": "),
  });

process.on("message", (message: ToAttempts) => {
  const work = message.type === "open" ? open(message) : attempt(message.userIds);
  work.catch((error: unknown) => fail(error));
});
process.on("uncaughtException", (error) => fail(error));
process.on("unhandledRejection", (error) => fail(error));
process.on("disconnect", () => process.exit(1));
process.on("SIGINT", () => {});
