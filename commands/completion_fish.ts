import type { CompletedCommand, CompletedOption, Values } from "./completion_tree.ts";

/** Renders the completion for fish 3.4 or newer. */
export function renderFish(commands: readonly CompletedCommand[], options: readonly CompletedOption[]): string {
  return `# fish completion of resmon, made by: resmon completion fish

function __resmon_subcommand
    set -l words (commandline -opc)
    test "$words[2]" = $argv[1]
end

# The command behind resmon's options $argv, with its arguments. Fails where it is not begun.
function __resmon_command
    set -l words (commandline -opc) (commandline -ct)
    argparse --stop-nonopt $argv -- $words[3..] 2>/dev/null; or return 1
    string length -q -- $argv; and string join0 -- $argv
end

function __resmon_list
    set -l before (commandline -ct | string replace -r '^--[^=]*=' '' | string match -r '^(?:.*,)?-?')
    printf '%s\\n' $before$argv
end

complete -c resmon -f
${options.map((option) => renderOption(option, "__fish_use_subcommand")).join("\n")}
${commands.map(renderCommand).join("\n")}
`;
}

function renderCommand(command: CompletedCommand): string {
  const { name, help, options, argument } = command;
  const seen = `__resmon_subcommand ${name}`;
  const use = `complete -c resmon -n __fish_use_subcommand -a ${name} -d ${quote(help)}`;
  if (argument?.values.kind === "command") return [use, renderHandingOver(command, seen)].join("\n");
  const values = argument === undefined
    ? []
    : [`complete -c resmon -n ${quote(`${seen}${onlyFirst(argument)}`)} ${renderValues(argument.values)}`];
  return [use, ...options.map((option) => renderOption(option, seen)), ...values].join("\n");
}

// A word that selects stands directly behind its subcommand.
function onlyFirst({ values, isRepeatable }: NonNullable<CompletedCommand["argument"]>): string {
  return values.kind === "word" && !isRepeatable ? "; and test (count (commandline -opc)) = 2" : "";
}

// Options of resmon end where the command begins.
function renderHandingOver({ name, options }: CompletedCommand, seen: string): string {
  const own = `__resmon_command_of_${name}`;
  return `function ${own}
    __resmon_command ${options.map(argparseSpec).join(" ")}
end
${options.map((option) => renderOption(option, `${seen}; and not ${own} >/dev/null`)).join("\n")}
complete -c resmon -n ${quote(seen)} -a '(__fish_complete_subcommand --commandline (${own} | string split0))'`;
}

function renderOption({ names, help, value }: CompletedOption, condition: string): string {
  const spelt = names.map((name) => name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`).join(" ");
  const values = value === undefined ? "" : ` -r ${renderValues(value.values)}`;
  return `complete -c resmon -n ${quote(condition)} ${spelt} -d ${quote(help)}${values}`;
}

// As argparse(1) of fish wants it: i/interval= takes a value.
function argparseSpec({ names, value }: CompletedOption): string {
  const [short, long] = names.length > 1 ? names : [undefined, names[0]];
  const letter = short === undefined ? "" : `${short.slice(1)}/`;
  return `${letter}${(long ?? "").slice(2)}${value === undefined ? "" : "="}`;
}

function renderValues(values: Values): string {
  switch (values.kind) {
    case "file":
      return "-F";
    case "folder":
      return "-f -a '(__fish_complete_directories)'";
    case "process":
      return "-f -a '(__fish_complete_pids)'";
    case "word":
      return `-f -a ${quote(values.words.join(" "))}`;
    case "list":
      return `-f -a ${quote(`(__resmon_list ${values.words.join(" ")})`)}`;
    case "command":
    case "anything":
      return "-f";
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
