#!/usr/bin/env node
// Kept to what every Node since 13.2 can parse, because its first task is to tell an old Node's user what to do.
// The harness needs the versions below for type stripping and for `await using`, which Node 22 can't parse. The runtime is
// part of a benchmark's result, so the Node that `npm ci` pinned takes over where the machine's Node is too old.
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
  // Ctrl-C reaches both; the one that works decides what to do. A kill reaches only this one.
  process.on("SIGINT", () => {});
  for (const name of ["SIGTERM", "SIGHUP"]) process.on(name, () => child.kill(name));
  child.on("exit", (code) => {
    process.exitCode = code === null ? 1 : code;
  });
}

/** Beside bench's own folder where it was hoisted, inside it where it was not. */
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
  // Compiled code is kept between starts: `bench list` takes 0.25 s instead of 0.45 s. A folder that can't be written is no error.
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
  const tooOld = `bench: Node ${process.versions.node} is too old, ${WANTED} is needed`;
  if (pinned !== undefined && fs.existsSync(pinned)) {
    console.error(`${tooOld}: running on the Node that npm ci installed`);
    runOnPinnedNode(pinned);
  } else {
    console.error(`${tooOld}: run \`npm ci\` here, or install a newer Node`);
    process.exitCode = 2;
  }
}
