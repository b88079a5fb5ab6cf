#!/usr/bin/env node
// Uses only syntax that every Node since 13.2 can parse, because it must explain the problem to a user with an old Node.
// The harness needs the versions below for type stripping and for `await using`, which Node 22 cannot parse. The Node version is
// part of a benchmark's result, so with an older system Node the version that `npm ci` pinned runs instead.
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

function runOnPinnedNode(pinned) {
  const child = childProcess.spawn(pinned, [__filename].concat(process.argv.slice(2)), { stdio: "inherit" });
  // Ctrl-C reaches both processes, and the child decides what to do. SIGTERM and SIGHUP reach only this process.
  process.on("SIGINT", () => {});
  for (const name of ["SIGTERM", "SIGHUP"]) process.on(name, () => child.kill(name));
  child.on("exit", (code) => {
    process.exitCode = code === null ? 1 : code;
  });
}

/** The pinned Node lies beside the folder of `bench` if npm hoisted it, and otherwise inside that folder. */
function findPinnedNode() {
  const platform = process.platform.replace("win32", "win");
  try {
    return path.join(path.dirname(require.resolve(`node-${platform}-${process.arch}/package.json`)), "bin/node");
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
    console.error(`${tooOld}: run \`npm ci\` in this folder, or install a newer Node`);
    process.exitCode = 2;
  }
}
