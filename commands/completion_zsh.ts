import type { CompletedCommand, CompletedOption, CompletedValue } from "./completion_tree.ts";

/** Renders the completion for zsh: as the file `_resmon` of a folder of `fpath`, or to be sourced. */
export function renderZsh(commands: readonly CompletedCommand[], options: readonly CompletedOption[]): string {
  const subcommands = commands.map(({ name, help }) => `        ${quote(`${name}:${help}`)}`).join("\n");
  return `#compdef resmon
# zsh completion of resmon, made by: resmon completion zsh

_resmon_list() {
  compset -P '*,'
  compset -P -
  compadd -q -S , "$@"
}

_resmon_command() {
  if [[ $words[1] == -- ]]; then
    shift words
    ((CURRENT--))
  fi
  _normal
}

_resmon() {
  local curcontext=$curcontext state line
  typeset -A opt_args

  _arguments -C ${[...options.map(renderOption), quote("1: :->subcommand"), quote("*:: :->rest")].join(" ")} && return
  case $state in
    subcommand)
      local -a subcommands=(
${subcommands}
      )
      _describe subcommand subcommands
      ;;
    rest)
      case $words[1] in
${commands.map(renderCommand).join("\n")}
      esac
      ;;
  esac
}

if [[ $funcstack[1] == _resmon ]]; then
  _resmon "$@"
else
  compdef _resmon resmon
fi
`;
}

function renderCommand({ name, options, argument }: CompletedCommand): string {
  const specs = [...options.map(renderOption), ...(argument === undefined ? [] : renderArgument(argument))];
  return `        ${name})\n          _arguments -s -S ${specs.join(" \\\n            ")}\n          ;;`;
}

function renderOption({ names, help, value, isRepeatable }: CompletedOption): string {
  const exclusive = isRepeatable ? "" : `(${names.join(" ")})`;
  const text = help.replaceAll(/[[\]]/g, "\\$&");
  return names.map((each) => {
    const assigned = value !== undefined && each.startsWith("--") ? `${each}=` : each;
    const repeated = isRepeatable ? "*" : "";
    return quote(`${exclusive}${repeated}${assigned}[${text}]${value === undefined ? "" : renderValue(value)}`);
  }).join(" ");
}

function renderArgument(argument: NonNullable<CompletedCommand["argument"]>): string[] {
  if (argument.values.kind === "command") {
    return [quote("(-)1:command: _command_names -e"), quote("*::arguments: _resmon_command")];
  }
  return [quote(`${argument.isRepeatable ? "*" : "1"}${renderValue(argument)}`)];
}

function renderValue({ name, values }: CompletedValue): string {
  switch (values.kind) {
    case "file":
      return `:${name}:_files`;
    case "folder":
      return `:${name}:_files -/`;
    case "process":
      return `:${name}:_pids`;
    case "word":
      return `:${name}:(${values.words.join(" ")})`;
    case "list":
      return `:${name}:_resmon_list ${values.words.join(" ")}`;
    case "command":
    case "anything":
      return `:${name.replaceAll(":", " ")}: `;
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
