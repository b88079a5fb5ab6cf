/**
 * The scripts of `bench completion`, one per shell. A script only passes the typed words to `bench complete` and the reply to its
 * shell. docs/adr/0012-completion-has-its-own-scripts.md lists the evaluated libraries.
 *
 * The first line of the reply is the kind: `names`, `list` (a comma may follow), `files` or `folders`. Each further line has a
 * word, a TAB and its description.
 */
const [PROGRAM, ...ALIASES] = ["bench", "orm-shootout"] as const;
const PROGRAMS = [PROGRAM, ...ALIASES].join(" ");

/** Needs no bash-completion package, and runs on the bash 3.2 of macOS. */
const BASH = `# completion of ${PROGRAM} for bash
_bench() {
  # bash cuts words at = : @ too: --orm=prisma@7.9.1 comes as five words
  local words=() word joins=
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do
    if [[ \${#words[@]} -gt 0 && ( -n $joins || $word =~ ^[=:@]+$ ) ]]; then
      words[\${#words[@]}-1]+=$word
    else
      words+=("$word")
    fi
    joins=
    [[ $word =~ ^[=:@]+$ ]] && joins=1
  done

  # bash replaces only the text behind the last cut, and an @ there
  local current=\${words[\${#words[@]}-1]} flag= kind= found
  [[ $current == --*=* ]] && flag=\${current%%=*}=
  local kept=\${current%"\${current##*["$COMP_WORDBREAKS"]}"}
  kept=\${kept%@}

  COMPREPLY=()
  while IFS=$'\\t' read -r found _; do
    if [[ -z $kind ]]; then
      kind=$found
    else
      found=$flag$found
      COMPREPLY+=("\${found#"$kept"}")
    fi
  done < <("$1" complete -- "\${words[@]}" 2>/dev/null)

  local paths=
  case $kind in
    list) compopt -o nospace 2>/dev/null ;;
    files) paths=-f ;;
    folders) paths=-d ;;
  esac
  [[ -z $paths ]] && return
  compopt -o filenames 2>/dev/null
  while IFS= read -r found; do
    found=$flag$found
    COMPREPLY+=("\${found#"$kept"}")
  done < <(compgen $paths -- "\${current#"$flag"}")
}
complete -F _bench ${PROGRAMS}`;

const ZSH = `#compdef ${PROGRAMS}
# completion of ${PROGRAM} for zsh
_bench() {
  local -a lines
  lines=("\${(@f)$("\${(Q)words[1]}" complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  local kind=$lines[1]
  shift lines
  lines=("\${(@)lines//:/\\\\:}")
  lines=("\${(@)lines/$'\\t'/:}")
  [[ $PREFIX == --*=* ]] && compset -P '*='
  case $kind in
    names) _describe value lines ;;
    list) _describe value lines -S '' ;;
    files) _files ;;
    folders) _files -/ ;;
  esac
}

# zsh calls a file of $fpath at once; a sourced script only registers
if [[ $funcstack[1] == _bench ]]; then
  _bench "$@"
else
  compdef _bench ${PROGRAMS}
fi`;

const FISH = `# completion of ${PROGRAM} for fish
function __bench_complete
    set -l current (commandline -ct)
    set -l before (commandline -opc)
    set -l lines ($before[1] complete -- $before[2..-1] "$current" 2>/dev/null)
    set -l flag (string match -r -- '^--[^=]+=' "$current")
    set -l value (string replace -r -- '^--[^=]+=' '' "$current")
    switch "$lines[1]"
        case files
            set lines (__fish_complete_path "$value")
        case folders
            set lines (__fish_complete_directories "$value")
        case '*'
            set -e lines[1]
    end
    for line in $lines
        echo "$flag$line"
    end
end
complete -c ${PROGRAM} -f -a '(__bench_complete)'
${ALIASES.map((alias) => `complete -c ${alias} -w ${PROGRAM}`).join("\n")}`;

export const SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH } as const;
