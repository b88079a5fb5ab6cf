#!/usr/bin/env node
// Uses only syntax that every Node since 13.2 can parse, because it must explain the problem to a user with an old Node.
// The harness needs the versions below for type stripping and for `await using`, which Node 22 cannot parse. The Node version is
// part of a benchmark's result, so in a clone with an older system Node the version that `npm ci` pinned runs instead. An
// installed package has no pinned Node: 190 MB, and its `node` would run the other scripts of the user's project.
"use strict";
const childProcess = require("child_process");
const fs = require("fs");
const path = require("path");
const url = require("url");

const WANTED = "24.11, 26 or later";
const IS_INSTALLED = __dirname.split(path.sep).includes("node_modules");

function isSupported(version) {
  const [major, minor] = version.split(".").map(Number);
  return (major === 24 && minor >= 11) || major >= 26;
}

/**
 * /proc/<pid>/environ shows the environment with which a process started, also after a variable was deleted. So `bench` replaces
 * itself by the same program without its secrets, and reads them from a pipe. Without process.execve or a shell, they stay there.
 */
const SECRETS = require("../lib/secret-names.json");
const HANDED_OVER = "BENCH_SECRETS_BY_PIPE";
const PIPE = 9;
const HAND_OVER = `exec ${PIPE}<<END
$${HANDED_OVER}
END
${HANDED_OVER}=yes
exec "$@"`;
const SHELL = "/bin/sh";
/** A longer text needs a second process that writes into the pipe. */
const MAX_PIPE_CHARS = 4000;

function replaceItself() {
  const found = SECRETS.filter((name) => process.env[name]);
  // a parent that exchanges messages with this process would lose it
  if (found.length === 0 || process.execve === undefined || process.channel || !fs.existsSync(SHELL)) return;
  const values = JSON.stringify(found.map((name) => [name, process.env[name]]));
  const text = Buffer.from(values).toString("base64");
  if (text.length > MAX_PIPE_CHARS) return;
  const environment = Object.assign({}, process.env, { [HANDED_OVER]: text });
  for (const name of SECRETS) delete environment[name];
  const command = [process.execPath].concat(process.execArgv, __filename, process.argv.slice(2));
  // the warning that the function is experimental does not help a user of `bench`
  process.emitWarning = () => {};
  process.execve(SHELL, [SHELL, "-c", HAND_OVER, SHELL].concat(command), environment);
}

function takeOver() {
  delete process.env[HANDED_OVER];
  const text = fs.readFileSync(PIPE, "utf8");
  fs.closeSync(PIPE);
  for (const [name, value] of JSON.parse(Buffer.from(text, "base64").toString())) process.env[name] = value;
}

if (process.env[HANDED_OVER] === undefined) replaceItself();
else takeOver();

function runOnPinnedNode(pinned) {
  const child = childProcess.spawn(pinned, [__filename].concat(process.argv.slice(2)), { stdio: "inherit" });
  // On a terminal, Ctrl-C reaches both processes, and the child decides what to do. Other signals may reach only this process: a
  // SIGINT from CI or from `kill` ended neither process.
  const isOnTerminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);
  process.on("SIGINT", () => isOnTerminal || child.kill("SIGINT"));
  for (const name of ["SIGTERM", "SIGHUP"]) process.on(name, () => child.kill(name));
  child.on("exit", (code) => {
    process.exitCode = code === null ? 1 : code;
  });
}

/** The workspace `runtime` of a clone pins it, and npm hoists it into the clone's node_modules. */
function findPinnedNode() {
  if (IS_INSTALLED) return undefined;
  const platform = process.platform.replace("win32", "win");
  try {
    const manifest = require.resolve(`node-${platform}-${process.arch}/package.json`, {
      paths: [path.join(__dirname, "../runtime")],
    });
    return path.join(path.dirname(manifest), "bin/node");
  } catch {
    return undefined;
  }
}

if (isSupported(process.versions.node)) {
  const modules = path.join(__dirname, IS_INSTALLED ? "../.." : "../node_modules");
  // The cache of compiled code reduces `bench list` from 0.45 s to 0.25 s. A read-only folder is not an error.
  const { enableCompileCache } = require("module");
  if (enableCompileCache !== undefined) enableCompileCache(path.join(modules, ".cache/orm-shootout"));
  const load = (file) => import(url.pathToFileURL(path.join(__dirname, file)).href);
  (IS_INSTALLED ? load("strip-types.mjs") : Promise.resolve())
    .then(() => load("../harness/cli.ts"))
    .catch((error) => {
      console.error(`bench: ${error.message}`);
      process.exitCode = 1;
    });
} else {
  const pinned = findPinnedNode();
  const tooOld = `bench: Node ${process.versions.node} is too old, and bench needs ${WANTED}`;
  if (pinned !== undefined && fs.existsSync(pinned)) {
    console.error(`${tooOld}: continuing on the Node that npm ci installed`);
    runOnPinnedNode(pinned);
  } else {
    const fix = IS_INSTALLED
      ? "install a newer Node, for example with `nvm install 24`"
      : "run `npm ci` in this folder, or install a newer Node";
    console.error(`${tooOld}: ${fix}`);
    process.exitCode = 2;
  }
}
