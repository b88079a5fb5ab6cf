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

function runOnPinnedNode(pinned) {
  const child = childProcess.spawn(pinned, [__filename].concat(process.argv.slice(2)), { stdio: "inherit" });
  // Ctrl-C reaches both processes, and the child decides what to do. SIGTERM and SIGHUP reach only this process.
  process.on("SIGINT", () => {});
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
