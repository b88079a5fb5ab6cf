/**
 * Runs the machine's npm with the machine's Node. `npm run` and `npx` put node_modules/.bin with the pinned Node first on PATH.
 * With that Node, npm would read its settings beside the pinned Node and miss the registry that the machine configures.
 */
import { accessSync, constants, realpathSync } from "node:fs";
import { delimiter, dirname, join, sep } from "node:path";
import { BenchError } from "../../lib/errors.ts";
import { lastLines, run } from "../../lib/run-program.ts";

/** Variables in which `npm run` describes itself and its package. */
const OF_OUTER_NPM = /^npm_(lifecycle|package|execpath|node_execpath|command)/i;
/** Paths of npm's settings; wrong if the outer npm ran on a Node from node_modules. */
const OUTER_SETTINGS = /^npm_config_(global|prefix|local_prefix)/i;

export interface NpmCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly path: string;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @throws BenchError PACKAGES_NOT_INSTALLED without an npm */
export function findNpm(searchPath: string = process.env["PATH"] ?? ""): NpmCommand {
  const folders = searchPath.split(delimiter).filter((folder) => folder !== "" && !folder.split(sep).includes("node_modules"));
  const find = (name: string): string | undefined => folders.map((folder) => join(folder, name)).find(isExecutable);
  const npm = find("npm");
  if (npm === undefined)
    throw new BenchError(
      "PACKAGES_NOT_INSTALLED",
      "cannot install packages: PATH has no npm outside of node_modules",
      "install Node with npm",
    );
  const path = folders.join(delimiter);
  const script = realpathSync(npm);
  // a version manager can install npm as a shell script or a binary
  if (!script.endsWith(".js")) return { file: npm, args: [], path };
  const beside = join(dirname(npm), "node");
  const node = isExecutable(beside) ? beside : (find("node") ?? process.execPath);
  return { file: node, args: [script], path };
}

/** The lines of npm's output that contain the reason. */
function reasonIn(stderr: string): string {
  const lines = stderr.split("\n").flatMap((line) => {
    const [, text] = /^npm (?:error|ERR!) ?(.*)$/.exec(line) ?? [];
    return text === undefined || text === "" || /^(code |errno |A complete log|Log files|syscall )/.test(text)
      ? []
      : [text.trim()];
  });
  return lines.slice(0, 4).join("; ");
}

/**
 * Runs npm in a folder.
 * @returns its standard output
 * @throws BenchError PACKAGES_NOT_INSTALLED with npm's message, or the reason of the signal
 */
export async function runNpm(args: readonly string[], folder: string, what: string, signal: AbortSignal): Promise<string> {
  const npm = findNpm();
  const isMisled = process.env["npm_node_execpath"]?.split(sep).includes("node_modules") === true;
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !OF_OUTER_NPM.test(name) && !(isMisled && OUTER_SETTINGS.test(name))),
  );
  const { exitCode, stdout, stderr } = await run(npm.file, [...npm.args, ...args], {
    cwd: folder,
    signal,
    env: { ...env, PATH: npm.path, NODE_OPTIONS: "", NO_UPDATE_NOTIFIER: "1" },
  });
  signal.throwIfAborted();
  if (exitCode === 0) return stdout;
  throw new BenchError(
    "PACKAGES_NOT_INSTALLED",
    `npm could not install ${what}: ${reasonIn(stderr) || lastLines(stderr) || `exit code ${exitCode}`}`,
    "check the version with `npm view <package> versions`, and the registry with `npm ping`",
  );
}
