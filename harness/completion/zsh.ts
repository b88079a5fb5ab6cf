import { PROGRAM_NAMES, type CompletedOption, type CompletedVerb, type Values } from "./tree.ts";

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
/** In `[...]` and between colons of a spec of _arguments. */
const escaped = (text: string): string => text.replaceAll(/[[\]:\\]/g, String.raw`\$&`);

const nameOf = (verb: CompletedVerb): string => ["_bench", ...verb.path].join("_");
const PATHS = { none: "", files: "_files", folders: "_files -/" } as const;

/** The action of a spec: what may stand there. */
function action({ words, isList, paths }: Values, message: string): string {
  const known = isList ? `_values -s , ${message} ${words.join(" ")}` : `(${words.join(" ")})`;
  if (words.length === 0) return PATHS[paths];
  if (paths === "none" || isList) return known;
  return `{_alternative "known:${message}:${known}" "paths:path:_bench_begun_path"}`;
}

function optionSpec({ short, long, description, values }: CompletedOption): string {
  const message = long.replace(/^-+/, "");
  const value = values === null ? "" : `:${message}:${action(values, message)}`;
  const rest = quoted(`[${escaped(description)}]${value}`);
  // with the value behind `=` or in the next word
  return short === null
    ? `${quoted(values === null ? long : `${long}=`)}${rest}`
    : `${quoted(`(${short} ${long})`)}{${short},${long}}${rest}`;
}

function body(verb: CompletedVerb): string {
  const specs = verb.options.map(optionSpec);
  if (verb.verbs.length === 0) {
    specs.push(
      ...verb.arguments.map(({ name, isVariadic, values }, index) =>
        quoted(`${isVariadic ? "*" : index + 1}:${name}:${action(values, name)}`),
      ),
    );
    return `  _arguments ${specs.join(" \\\n    ")}`;
  }
  const described = verb.verbs.map(({ path, description }) => quoted(`${path.at(-1)}:${description}`));
  return `  local line state
  _arguments -C ${[...specs, quoted("1:verb:->verb"), quoted("*::arguments:->arguments")].join(" \\\n    ")}
  case $state in
    verb)
      local -a verbs
      verbs=(${described.join(" ")})
      _describe verb verbs
      ;;
    arguments)
      case $line[1] in
${verb.verbs.map((below) => `        ${below.path.at(-1)}) ${nameOf(below)} ;;`).join("\n")}
      esac
      ;;
  esac`;
}

function functions(verb: CompletedVerb): string[] {
  return [`${nameOf(verb)}() {\n${body(verb)}\n}`, ...verb.verbs.flatMap(functions)];
}

export function zshScript(program: CompletedVerb): string {
  return `#compdef ${PROGRAM_NAMES.join(" ")}
# Completion of bench for zsh, made by \`bench completion zsh\`.

_bench_begun_path() { # paths stand beside names only where one was begun
  [[ $PREFIX == [./~]* ]] && _files
}

${functions(program).join("\n\n")}

# loaded as a file of $fpath it is called at once; sourced it only registers
if [[ $funcstack[1] == _bench ]]; then
  _bench "$@"
else
  compdef _bench ${PROGRAM_NAMES.join(" ")}
fi`;
}
