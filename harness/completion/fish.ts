import { flattened, PROGRAM_NAMES, type CompletedOption, type CompletedVerb, type Values } from "./tree.ts";

const [PROGRAM, ...ALIASES] = PROGRAM_NAMES;

const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;

const HELPERS = `function __bench_verb --description 'the verb that was typed'
    set -l verb
    for word in (commandline -opc)[2..-1]
        set -l longer (string join -- ' ' $verb $word)
        contains -- $longer $__bench_verbs; and set verb $longer
    end
    string join -- ' ' $verb
end

function __bench_at --description 'whether this verb was typed'
    test (__bench_verb | string collect --allow-empty) = "$argv"
end

function __bench_list --description 'words behind the last comma'
    set -l chosen (commandline -ct | string replace -r '^--[a-z-]+=' '' | string replace -rf '^(.*,)[^,]*$' '$1')
    for word in $argv
        string match -q -- "*,$word,*" ",$chosen"; or echo "$chosen$word"
    end
end`;

/** Flags of \`complete\` for a value. */
function valueFlags({ words, isList, paths }: Values): string[] {
  const listed = isList ? `(__bench_list ${words.join(" ")})` : words.join(" ");
  const known = words.length === 0 ? [] : ["-a", quoted(listed)];
  if (paths === "folders") return ["-x", "-a", quoted(`(__fish_complete_directories)`)];
  return [paths === "files" ? "-rF" : "-x", ...known];
}

function optionLine(verb: CompletedVerb, { short, long, description, values }: CompletedOption): string {
  return [
    `complete -c ${PROGRAM} -n`,
    quoted(`__bench_at ${verb.path.join(" ")}`.trim()),
    ...(short === null ? [] : [`-s ${short.slice(1)}`]),
    `-l ${long.slice(2)}`,
    ...(values === null ? [] : valueFlags(values)),
    `-d ${quoted(description)}`,
  ].join(" ");
}

function argumentLines(verb: CompletedVerb): string[] {
  const at = quoted(`__bench_at ${verb.path.join(" ")}`.trim());
  return [
    ...verb.verbs.map(
      ({ path, description }) => `complete -c ${PROGRAM} -n ${at} -a ${quoted(path.at(-1) ?? "")} -d ${quoted(description)}`,
    ),
    ...verb.arguments.map(({ values }) => {
      const { words, paths } = values;
      const known = paths === "folders" ? "(__fish_complete_directories)" : words.join(" ");
      return `complete -c ${PROGRAM} -n ${at} ${paths === "files" ? "-F " : ""}-a ${quoted(known)}`;
    }),
  ];
}

export function fishScript(program: CompletedVerb): string {
  const all = flattened(program);
  const verbs = all.filter(({ path }) => path.length > 0).map(({ path }) => quoted(path.join(" ")));
  return [
    `# Completion of bench for fish, made by \`bench completion fish\`.`,
    `set -g __bench_verbs ${verbs.join(" ")}`,
    "",
    HELPERS,
    "",
    `complete -c ${PROGRAM} -f`,
    ...all.flatMap((verb) => [...argumentLines(verb), ...verb.options.map((option) => optionLine(verb, option))]),
    ...ALIASES.map((alias) => `complete -c ${alias} -w ${PROGRAM}`),
  ].join("\n");
}
