#!/usr/bin/env node
// Written for every Node since 12, because its first task is to tell an old Node's user what to do.
// The harness runs TypeScript by Node's own type stripping, which needs the versions below; the runtime is part of a
// benchmark's result, so the one that `npm ci` pinned is preferred to whatever the machine has when that is too old.
"use strict";
var childProcess = require("child_process");
var fs = require("fs");
var path = require("path");

function isSupported(version) {
  var parts = version.split(".").map(Number);
  var major = parts[0];
  var minor = parts[1];
  return (major === 22 && minor >= 18) || (major === 24 && minor >= 11) || major >= 26;
}

if (isSupported(process.versions.node)) {
  // an ordinary import(), hidden from parsers too old to know it
  new Function("url", "return import(url)")(require("url").pathToFileURL(path.join(__dirname, "../harness/cli.ts")).href).catch(
    function (error) {
      console.error("bench: " + error.message);
      process.exitCode = 1;
    },
  );
} else {
  var pinned = path.join(
    __dirname,
    "../node_modules/node-" + process.platform.replace("win32", "win") + "-" + process.arch,
    "bin/node",
  );
  if (fs.existsSync(pinned)) {
    console.error(
      "bench: Node " +
        process.versions.node +
        " is too old (needs 22.18, 24.11, 26 or later); running on the Node that npm ci installed",
    );
    var result = childProcess.spawnSync(pinned, [__filename].concat(process.argv.slice(2)), { stdio: "inherit" });
    process.exitCode = result.status === null ? 1 : result.status;
  } else {
    console.error(
      "bench: Node " +
        process.versions.node +
        " is too old: this needs 22.18, 24.11, 26 or later. Run `npm ci` here and start it by `npm run bench --`.",
    );
    process.exitCode = 2;
  }
}
