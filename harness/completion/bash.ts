import { flattened, PROGRAM_NAMES, type CompletedVerb, type Values } from "./tree.ts";

/** Needs no bash-completion package, and runs on the bash 3.2 of macOS. */
const HELPERS = `
_bench_add() { # words...: those that begin with what was typed
  local word
  for word in "$@"; do [[ $word == "$cur"* ]] && COMPREPLY+=("$word"); done
}

_bench_add_list() { # words...: behind the last comma, without those that stand before it
  local chosen= word
  [[ $cur == *,* ]] && chosen=\${cur%,*},
  for word in "$@"; do
    [[ ,$chosen != *,$word,* && $chosen$word == "$cur"* ]] && COMPREPLY+=("$chosen$word")
  done
  compopt -o nospace 2>/dev/null
}

_bench_add_paths() { # -f or -d, where no name matches
  (( \${#COMPREPLY[@]} > 0 )) && return
  local path
  while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen "$1" -- "$cur")
  compopt -o filenames 2>/dev/null
}`;

const PATH_FLAG = { files: "-f", folders: "-d" } as const;

function adding({ words, isList, paths }: Values): string[] {
  return [
    ...(words.length > 0 ? [`${isList ? "_bench_add_list" : "_bench_add"} ${words.join(" ")}`] : []),
    ...(paths === "none" ? [] : [`_bench_add_paths ${PATH_FLAG[paths]}`]),
  ];
}

/** `pattern) commands ;;` for each that has commands */
const cases = (of: readonly (readonly [pattern: string, commands: readonly string[]])[]): string[] =>
  of.filter(([, commands]) => commands.length > 0).map(([pattern, commands]) => `    ${pattern}) ${commands.join("; ")} ;;`);

const key = (verb: CompletedVerb): string => verb.path.join(" ");

export function bashScript(program: CompletedVerb): string {
  const all = flattened(program);
  const valued = all.flatMap((verb) =>
    verb.options.flatMap(({ long, values }) => (values === null ? [] : [{ verb, long, values }])),
  );
  const takingValues = [...new Set(valued.map(({ long }) => long))];
  const valueCases = valued.map(({ verb, long, values }) => [`"${key(verb)} ${long}"`, adding(values)] as const);
  const optionCases = all.map((verb) => {
    const flags = verb.options.flatMap(({ short, long }) => [long, ...(short === null ? [] : [short])]);
    return [`"${key(verb)}"`, [`_bench_add ${flags.join(" ")}`]] as const;
  });
  const argumentCases = all.flatMap((verb) => [
    [
      `"${key(verb)} 0"`,
      verb.verbs.length > 0 ? [`_bench_add ${verb.verbs.map(({ path }) => path.at(-1)).join(" ")}`] : [],
    ] as const,
    ...verb.arguments.map(
      ({ values, isVariadic }, index) => [isVariadic ? `"${key(verb)} "*` : `"${key(verb)} ${index}"`, adding(values)] as const,
    ),
  ]);
  return `# Completion of bench for bash, made by \`bench completion bash\`.
${HELPERS}

_bench() {
  COMPREPLY=()
  local cur=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  # --orm=prisma comes in three words
  if [[ $cur == = ]]; then
    cur=
  elif [[ $previous == = ]]; then
    previous=\${COMP_WORDS[COMP_CWORD - 2]}
  fi

  # which verb, and how many arguments stand behind it
  local verb= arguments=0 skip= word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ $word == = ]]; then
      skip=1
    elif [[ -n $skip ]]; then
      skip=
    else
      case "$word" in
        ${takingValues.join("|")}) skip=1 ;;
        -*) ;;
        *)
          case "\${verb:+$verb }$word" in
            ${all
              .filter(({ path }) => path.length > 0)
              .map((verb) => `"${key(verb)}"`)
              .join("|")}) verb="\${verb:+$verb }$word" ;;
            *) arguments=$((arguments + 1)) ;;
          esac
          ;;
      esac
    fi
  done

  case "$previous" in
    ${takingValues.join("|")})
      case "$verb $previous" in
${indented(cases(valueCases))}
      esac
      return
      ;;
  esac

  if [[ $cur == -* ]]; then
    case "$verb" in
${indented(cases(optionCases))}
    esac
    return
  fi

  case "$verb $arguments" in
${cases(argumentCases).join("\n")}
  esac
}

complete -F _bench ${PROGRAM_NAMES.join(" ")}`;
}

const indented = (lines: readonly string[]): string => lines.map((line) => `    ${line}`).join("\n");
