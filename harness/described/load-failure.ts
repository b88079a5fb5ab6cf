/**
 * Names the fix for a plug-in that Node cannot load. `node FILE` is none: it fails below node_modules, where orm-shootout/plugin
 * lies, for files that bench loads.
 */
import { existsSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { dirname, extname, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const OWN_NAME = "orm-shootout";
const OWN_IMPORT = `${OWN_NAME}/plugin`;
const TYPESCRIPT = [".ts", ".mts", ".cts"];

interface Failure {
  readonly file: string;
  readonly error: Error;
  /** of Node's own errors */
  readonly code: string;
}

/** @returns null where the cause is another one */
type Explain = (failure: Failure) => string | null;

const here = (file: string): string => {
  const path = relative(process.cwd(), file);
  return path.startsWith("..") ? file : `./${path}`;
};

const asPath = (urlOrPath: string): string => (urlOrPath.startsWith("file:") ? fileURLToPath(urlOrPath) : urlOrPath);

function projectOf(file: string): string {
  const manifest = findPackageJSON(pathToFileURL(file).href);
  return manifest === undefined ? dirname(file) : dirname(manifest);
}

/** Node strips no types below node_modules; bench strips its files separately. */
const belowNodeModules: Explain = ({ code, error, file }) => {
  if (code !== "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING") return null;
  const refused = asPath(/"?(file:[^"\s]+)"?/.exec(error.message)?.[1] ?? file);
  if (refused.includes(`/node_modules/${OWN_NAME}/`))
    return `run the bench that is installed beside the file: cd ${projectOf(file)} && npx bench`;
  return `compile ${here(refused)} to JavaScript and use that file, or move it out of node_modules: Node strips no types there`;
};

const missingPackage: Explain = ({ code, error, file }) => {
  const [, name = "", importer = file] =
    /^Cannot find package '([^']+)'(?: imported from (.+))?/.exec(error.message.split("\n")[0] ?? "") ?? [];
  if (code !== "ERR_MODULE_NOT_FOUND" || name === "") return null;
  if (name === OWN_NAME) return `move the file into a project that has ${OWN_NAME} installed (docs/ci.md), or install it there`;
  if (!/^(@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*$/.test(name))
    return `import ${name} by a relative path or by \`imports\` of package.json: Node does not read \`paths\` of tsconfig.json`;
  return `run \`npm install ${name}\` in ${projectOf(asPath(importer))}`;
};

const missingFile: Explain = ({ code, error }) => {
  const [, wanted = "", importer = ""] =
    /^(?:Cannot find module|Directory import) '([^']+)'.* imported from (.+)/.exec(error.message.split("\n")[0] ?? "") ?? [];
  if (wanted === "" || !["ERR_MODULE_NOT_FOUND", "ERR_UNSUPPORTED_DIR_IMPORT"].includes(code)) return null;
  const path = asPath(wanted);
  const bare = path.slice(0, path.length - extname(path).length);
  const candidates = [path, ...(/\.[cm]?js$/.test(path) ? [bare] : []), `${path}/index`].flatMap((stem) =>
    [...TYPESCRIPT, ".js", ".mjs", ".cjs"].map((extension) => stem + extension),
  );
  const found = candidates.find((candidate) => existsSync(candidate));
  return found === undefined
    ? `correct the import in ${here(asPath(importer))}`
    : `write the whole name in ${here(asPath(importer))}, as Node needs it: import ... from ${JSON.stringify(relativeImport(asPath(importer), found))}`;
};

function relativeImport(from: string, to: string): string {
  const path = relative(dirname(from), to);
  return path.startsWith(".") ? path : `./${path}`;
}

const notExported: Explain = ({ code, error }) =>
  code === "ERR_PACKAGE_PATH_NOT_EXPORTED" && error.message.includes(`/${OWN_NAME}/`) ? `import from "${OWN_IMPORT}"` : null;

const typeAsValue: Explain = ({ error }) => {
  const [, module = "", name = ""] = /module '([^']+)' does not provide an export named '([^']+)'/.exec(error.message) ?? [];
  if (name === "") return null;
  return `if ${name} is a type, write \`import { type ${name} } from "${module}"\`; otherwise ${module} does not export it`;
};

const commonJs: Explain = ({ error, file }) =>
  /^(Cannot use import statement outside a module|Unexpected token 'export')/.test(error.message)
    ? `rename the file to ${here(file.replace(/\.([jt]s)$/, ".m$1"))}: its package.json declares CommonJS, and the file has ES imports or exports`
    : null;

const notErasable: Explain = ({ code }) =>
  code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX"
    ? "replace enums, namespaces and parameter properties, which `tsc --noEmit --erasableSyntaxOnly` lists: Node only strips types"
    : null;

const otherExtension: Explain = ({ code, file }) =>
  code === "ERR_UNKNOWN_FILE_EXTENSION" ? `rename ${here(file)} to a name that ends in .ts, .mts or .js` : null;

const EXPLANATIONS: readonly Explain[] = [
  belowNodeModules,
  missingPackage,
  missingFile,
  notExported,
  typeAsValue,
  commonJs,
  notErasable,
  otherExtension,
];

/** The first line of the stack that names a place: `file:///x/y.ts:3` for syntax, `at file:///x/y.ts:3:7` for a throw. */
function placeOf({ stack = "" }: Error, file: string): string {
  const own = pathToFileURL(file).href;
  const line = stack
    .split("\n")
    .map((text) => text.match(/((?:file:|\/)[^\s()]+?):(\d+)/))
    .find((match) => match !== null && asPath(match[1] ?? "") === asPath(own));
  return line === undefined || line === null ? here(file) : `line ${line[2]} of ${here(file)}`;
}

/** @returns an imperative sentence */
export function fixOfLoadFailure(file: string, thrown: unknown): string {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const code = "code" in error ? String(error.code) : "";
  for (const explain of EXPLANATIONS) {
    const fix = explain({ file, error, code });
    if (fix !== null) return fix;
  }
  return `correct ${placeOf(error, file)}`;
}
