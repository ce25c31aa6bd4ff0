import type { CompletedCommand, CompletedOption, Values } from "./completion_tree.ts";

/** Renders the completion for bash 4.2 or newer; with bash-completion, `run` hands over to the command's own. */
export function renderBash(commands: readonly CompletedCommand[], options: readonly CompletedOption[]): string {
  return `# bash completion of resmon, made by: resmon completion bash

_resmon_words() {
  mapfile -t COMPREPLY < <(compgen "$@" -- "$cur")
}

_resmon_files() {
  compopt -o filenames
  _resmon_words "$@"
}

_resmon_list() {
  local last=\${cur##*,} before
  last=\${last#-}
  before=\${cur%"$last"}
  compopt -o nospace
  mapfile -t COMPREPLY < <(compgen -P "$before" -W "$1" -- "$last")
}

# The command that is run and its arguments, from word $1 on.
_resmon_command() {
  if declare -F _comp_command_offset >/dev/null; then
    _comp_command_offset "$1"
  elif declare -F _command_offset >/dev/null; then
    _command_offset "$1"
  elif (($1 == COMP_CWORD)); then
    _resmon_files -c
  else
    _resmon_files -f
  fi
}

_resmon() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} subcommand='' word i IFS=$' \\t\\n'
  COMPREPLY=()
  # bash hands over --option=value, and a value such as a=b or a:b, as three words.
  [[ $cur == = ]] && cur=''
  [[ $prev == = ]] && prev=\${COMP_WORDS[COMP_CWORD - 2]}

  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -z $subcommand ]]; then
      [[ $word == -* ]] || subcommand=$word
      continue
    fi
    case "$subcommand $word" in
      ${valuedPatterns(commands)})
        [[ \${COMP_WORDS[i + 1]} == = ]] && ((i++))
        ((i++))
        while [[ \${COMP_WORDS[i + 1]} == [=:]* ]]; do ((i += 2)); done
        ;;
      ${handingOver(commands, "--")})
        _resmon_command $((i + 1))
        return
        ;;
      ${handingOver(commands, "-*")}) ;;
      ${handingOver(commands, "*")})
        _resmon_command "$i"
        return
        ;;
    esac
  done

  case "$subcommand $prev" in
${valueCases(commands)}
  esac

  if [[ $cur == -* ]]; then
    case "$subcommand" in
${optionCases(commands, options)}
    esac
    return
  fi

  case "$subcommand" in
    '') _resmon_words -W '${commands.map(({ name }) => name).join(" ")}' ;;
${argumentCases(commands)}
  esac
}

complete -F _resmon resmon
`;
}

function valuedPatterns(commands: readonly CompletedCommand[]): string {
  const patterns = commands.flatMap(({ name, options }) =>
    options.filter(({ value }) => value !== undefined).flatMap(({ names }) => names.map((each) => `"${name} ${each}"`))
  );
  return patterns.join(" | ");
}

function handingOver(commands: readonly CompletedCommand[], word: string): string {
  const names = commands.filter(({ argument }) => argument?.values.kind === "command").map(({ name }) => name);
  return names.map((name) => `"${name} "${word}`).join(" | ");
}

// Options that take the same are one case.
function valueCases(commands: readonly CompletedCommand[]): string {
  const patterns = new Map<string, string[]>();
  for (const { name, options } of commands) {
    for (const { names, value } of options) {
      if (value === undefined) continue;
      const action = complete(value.values);
      patterns.set(action, [...patterns.get(action) ?? [], ...names.map((each) => `"${name} ${each}"`)]);
    }
  }
  return [...patterns].map(([action, names]) => {
    return `    ${names.join(" | ")})\n      ${action}\n      return\n      ;;`;
  }).join("\n");
}

function optionCases(commands: readonly CompletedCommand[], options: readonly CompletedOption[]): string {
  return [{ name: "", options }, ...commands].map(({ name, options }) => {
    const words = options.flatMap(({ names }) => names).join(" ");
    return `      '${name}') _resmon_words -W '${words}' ;;`;
  }).join("\n");
}

function argumentCases(commands: readonly CompletedCommand[]): string {
  return commands.flatMap(({ name, argument }) =>
    argument === undefined ? [] : `    ${name}) ${onlyFirst(name, argument)}${complete(argument.values)} ;;`
  ).join("\n");
}

// A word that selects stands directly behind its subcommand.
function onlyFirst(name: string, { values, isRepeatable }: NonNullable<CompletedCommand["argument"]>): string {
  return values.kind === "word" && !isRepeatable ? `[[ $prev == ${name} ]] && ` : "";
}

function complete(values: Values): string {
  switch (values.kind) {
    case "file":
      return "_resmon_files -f";
    case "folder":
      return "_resmon_files -d";
    case "process":
      return `_resmon_words -W "$(ps -A -o pid= 2>/dev/null)"`;
    case "command":
      return `_resmon_command "$COMP_CWORD"`;
    case "word":
      return `_resmon_words -W '${values.words.join(" ")}'`;
    case "list":
      return `_resmon_list '${values.words.join(" ")}'`;
    case "anything":
      return ":";
  }
}
