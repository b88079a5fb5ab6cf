/** Starts, finds and stops a private mysqld. */
import { readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Daemon, stopDaemon } from "../../lib/daemon.ts";
import { BenchError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { discardDataFolder, ensureDataFolder, readServerUuid } from "./data-folder.ts";
import { makePrivateFolder } from "./home.ts";
import { requireIdentity } from "./identity.ts";
import { freePort, LOOPBACK } from "./ports.ts";
import {
  ensurePassword,
  filesIn,
  PRIVATE_USER,
  readState,
  writeInitFile,
  writeState,
  type PrivateFiles,
  type ServerState,
} from "./private-files.ts";
import { findProcessByArgument, identifyProcess, isAlive } from "./processes.ts";
import type { RunningServer } from "./providers/provider.ts";
import { commonArguments, type ServerBinary } from "./server-binary.ts";
import { settingArguments, type ServerProfile } from "./settings.ts";

const SOCKET_FILE = "mysqld.sock";
const PID_FILE = "mysqld.pid";
const POLL_EVERY_MS = 25;
/** Covers the crash recovery of a server that was killed during a load. */
const READY_DEADLINE_MS = 5 * 60_000;
/** A server that loses its port during the start ends soon; bench then starts it on another port. */
const FOREIGN_GRACE_MS = 30_000;
const STOP_DEADLINE_MS = 60_000;
const START_ATTEMPTS = 4;
const PORT_TAKEN = /MY-010262|MY-010257|Address already in use/;

async function errorsInLog(files: PrivateFiles): Promise<string> {
  const text = await readFile(files.log, "utf8").catch(() => "");
  const lines = text.split("\n").filter((line) => line !== "");
  const errors = lines.filter((line) => line.includes("[ERROR]"));
  return (errors.length > 0 ? errors.slice(0, 5) : lines.slice(-5)).join("\n");
}

async function spawnServer(binary: ServerBinary, files: PrivateFiles, port: number, profile: ServerProfile): Promise<Daemon> {
  await rename(files.log, files.previousLog).catch(() => undefined);
  // a killed server leaves these files; if its pid is in use again, the next server would refuse to start
  for (const file of [SOCKET_FILE, `${SOCKET_FILE}.lock`, PID_FILE]) await rm(join(files.data, file), { force: true });
  const args = [
    ...commonArguments(binary),
    `--datadir=${files.data}`,
    `--bind-address=${LOOPBACK}`,
    `--port=${port}`,
    // relative to the data folder: the path of a socket has at most 107 bytes
    `--socket=${SOCKET_FILE}`,
    `--pid-file=${PID_FILE}`,
    `--log-error=${files.log}`,
    `--init-file=${files.initFile}`,
    ...settingArguments(profile),
  ];
  return await Daemon.start(binary.command, args, { log: files.log, endsWithParent: false });
}

function describe(
  files: PrivateFiles,
  target: ConnectionTarget,
  state: ServerState,
): Omit<RunningServer, "uuid" | "version" | "uptimeSeconds"> {
  return { target, pid: state.process.pid, manifest: state.manifest, dataFolder: files.data };
}

/** @throws BenchError SERVER_START_FAILED if the server ends, FOREIGN_SERVER if another server answers */
async function waitUntilReady(
  files: PrivateFiles,
  target: ConnectionTarget,
  state: ServerState,
  foreignGraceMs = 0,
): Promise<RunningServer> {
  const startedAt = performance.now();
  for (;;) {
    const alive = await isAlive(state.process);
    const uuid = await readServerUuid(files.data);
    if (uuid !== null) {
      try {
        const identity = await requireIdentity(target, uuid);
        await rm(files.initFile, { force: true });
        return { ...describe(files, target, state), ...identity };
      } catch (error) {
        if (!(error instanceof BenchError)) throw error;
        const waitedMs = performance.now() - startedAt;
        if (alive && error.code === "FOREIGN_SERVER" && waitedMs > foreignGraceMs) throw error;
      }
    }
    if (!alive)
      throw new BenchError(
        "SERVER_START_FAILED",
        `mysqld ended during its start:\n${await errorsInLog(files)}`,
        `read the whole log: ${files.log}`,
      );
    if (performance.now() - startedAt > READY_DEADLINE_MS)
      throw new BenchError(
        "SERVER_START_FAILED",
        `mysqld (pid ${state.process.pid}) is not ready after ${READY_DEADLINE_MS / 1000} s`,
        `read its log: ${files.log}`,
      );
    await delay(POLL_EVERY_MS);
  }
}

function targetOf(port: number, password: string, schema: string): ConnectionTarget {
  return { host: LOOPBACK, port, user: PRIVATE_USER, password, schema, tls: null };
}

/** Finds the server by its state file, else by its data folder: the starting process may have died before it wrote the state. */
async function locateServer(files: PrivateFiles): Promise<ServerState | null> {
  const state = await readState(files);
  if (state !== null && (await isAlive(state.process))) return state;
  const found = await findProcessByArgument(`--datadir=${files.data}`);
  const port = Number(found?.args.find((arg) => arg.startsWith("--port="))?.slice("--port=".length));
  if (found === null || !Number.isInteger(port)) return null;
  return { process: found.identity, port, manifest: state?.manifest ?? null };
}

/** The ready server on this instance's data, with a checked identity; null if none runs. */
export async function findPrivateServer(folder: string, schema: string): Promise<RunningServer | null> {
  const files = filesIn(folder);
  const state = await locateServer(files);
  if (state === null) return null;
  try {
    return await waitUntilReady(files, targetOf(state.port, await ensurePassword(files), schema), state);
  } catch (error) {
    // the server was stopping, or its start failed
    if (!(await isAlive(state.process))) return null;
    throw error;
  }
}

async function startOnce(binary: ServerBinary, files: PrivateFiles, port: number, options: StartOptions): Promise<RunningServer> {
  const password = await ensurePassword(files);
  await writeInitFile(files, password);
  const { pid } = await spawnServer(binary, files, port, options.profile);
  const process = pid === null ? null : await identifyProcess(pid);
  if (process === null)
    throw new BenchError(
      "SERVER_START_FAILED",
      `mysqld did not start:\n${await errorsInLog(files)}`,
      `read the whole log: ${files.log}`,
    );
  const state: ServerState = { process, port, manifest: binary.manifest };
  await writeState(files, state);
  return await waitUntilReady(files, targetOf(port, password, options.schema), state, FOREIGN_GRACE_MS);
}

export interface StartOptions {
  readonly schema: string;
  readonly profile: ServerProfile;
  readonly log: Log;
}

/**
 * Starts a server on this instance's data and creates missing data. The caller holds the instance's lock.
 * @throws BenchError SERVER_START_FAILED
 */
export async function startPrivateServer(binary: ServerBinary, folder: string, options: StartOptions): Promise<RunningServer> {
  const { log } = options;
  const files = filesIn(folder);
  await makePrivateFolder(folder);
  let isNew = await ensureDataFolder(binary, files.data, log);
  let preferredPort = (await readState(files))?.port ?? 0;
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(preferredPort);
    if (preferredPort !== 0 && port !== preferredPort) log.info(`another program uses port ${preferredPort}; using ${port}`);
    log.detail(`starting MySQL ${binary.version} on ${LOOPBACK}:${port}, data in ${files.data}`);
    try {
      return await startOnce(binary, files, port, options);
    } catch (error) {
      if (!(error instanceof BenchError) || error.code !== "SERVER_START_FAILED" || attempt === START_ATTEMPTS) throw error;
      preferredPort = 0;
      if (PORT_TAKEN.test(error.message)) log.detail(`another program took port ${port}; trying another port`);
      else if (isNew) {
        log.warn(`MySQL did not start on new data; initialising again (${error.message.split("\n").at(-1)})`);
        await discardDataFolder(binary, files.data);
        await ensureDataFolder(binary, files.data, log);
        isNew = false;
      } else throw error;
    }
  }
}

/**
 * Sends SIGTERM and waits for the end. bench never kills the server, because a kill would cost a crash recovery later.
 * @returns false if no server was running
 * @throws BenchError SERVER_STOP_FAILED
 */
export async function stopPrivateServer(folder: string): Promise<boolean> {
  const state = await locateServer(filesIn(folder));
  if (state === null) return false;
  const { pid } = state.process;
  const kill = (signal: NodeJS.Signals): void => void process.kill(pid, signal);
  const hasEnded = async (): Promise<boolean> => !(await isAlive(state.process));
  if (await stopDaemon({ kill, hasEnded }, [{ signal: "SIGTERM", graceMs: STOP_DEADLINE_MS }])) return true;
  throw new BenchError(
    "SERVER_STOP_FAILED",
    `cannot stop mysqld (pid ${pid}): it is still running ${STOP_DEADLINE_MS / 1000} s after SIGTERM`,
    `wait and run \`bench db down\` again, or kill it with: kill -9 ${pid} (the next start recovers the data)`,
  );
}
