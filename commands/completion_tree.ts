import type { Argument, Command, Option } from "commander";
import { listSubjects } from "../collectors/mod.ts";
import { PLATFORM } from "../lib/platform.ts";

/** What may stand in a place of the command line. */
export type Values =
  | { readonly kind: "file" | "folder" | "process" | "command" | "anything" }
  /** One of some words, or a list of them with commas. */
  | { readonly kind: "word" | "list"; readonly words: readonly string[] };

/** What stands behind an option, or as an argument; `name` is that of the help. */
export interface CompletedValue {
  readonly name: string;
  readonly values: Values;
}

/** An option: its names with their dashes, and what follows it. */
export interface CompletedOption {
  readonly names: readonly string[];
  readonly help: string;
  /** Absent for a switch. */
  readonly value?: CompletedValue;
  readonly isRepeatable: boolean;
}

/** A subcommand. */
export interface CompletedCommand {
  readonly name: string;
  readonly help: string;
  readonly options: readonly CompletedOption[];
  /** What its arguments are, where it takes any. */
  readonly argument?: CompletedValue & { readonly isRepeatable: boolean };
}

/** Reads every subcommand from the program itself, so that completion knows what the program knows. */
export function readCommands(program: Command): CompletedCommand[] {
  const commands = program.createHelp().visibleCommands(program);
  const names = commands.map((command) => command.name());
  return commands.map((command) => {
    const [argument] = command.registeredArguments;
    const within = command.createHelp().visibleCommands(command);
    const read = { name: command.name(), help: command.description() };
    if (within.length > 0) return { ...read, ...readGroup(within) };
    return {
      ...read,
      options: readOptions(command),
      ...(argument === undefined ? {} : { argument: readArgument(argument, names) }),
    };
  });
}

/** Reads the options of a command, with its help. */
export function readOptions(command: Command): CompletedOption[] {
  return command.createHelp().visibleOptions(command).map(readOption);
}

// `phase start`, `phase end`: they have the same options but for a few, and these are completed for all of them.
function readGroup(commands: readonly Command[]): Pick<CompletedCommand, "options" | "argument"> {
  const options = new Map(commands.flatMap(readOptions).map((option) => [option.names.join(), option]));
  const words = commands.map((command) => command.name());
  const argument = { name: "subcommand", values: { kind: "word", words }, isRepeatable: false } as const;
  return { options: [...options.values()], argument };
}

function readOption(option: Option): CompletedOption {
  const name = /[<[]([^>\]]+)[>\]]/.exec(option.flags)?.[1];
  return {
    names: [option.short, option.long].filter((each) => each !== undefined && each !== null),
    help: firstClause(option.description),
    isRepeatable: name === "key=value",
    ...(name === undefined ? {} : { value: { name, values: valuesOf(name, option.argChoices) } }),
  };
}

function readArgument(
  argument: Argument,
  subcommands: readonly string[],
): NonNullable<CompletedCommand["argument"]> {
  const name = argument.name();
  const choices = name === "subcommand" ? subcommands : argument.argChoices;
  return { name, values: valuesOf(name, choices), isRepeatable: argument.variadic };
}

// `time between two ticks: 100ms, 1s, 2m`: a menu has room for the first part.
function firstClause(help: string): string {
  return help.split(/[:;(]/, 1).join("").trimEnd();
}

// The name of a value in the help tells what it is.
function valuesOf(name: string, choices: readonly string[] | undefined): Values {
  if (choices !== undefined) return { kind: "word", words: choices };
  switch (name) {
    case "file":
    case "log":
      return { kind: "file" };
    case "folder":
      return { kind: "folder" };
    case "pid":
      return { kind: "process" };
    case "command":
      return { kind: "command" };
    case "words":
      return { kind: "list", words: ["all", ...listSubjects(PLATFORM).map(({ word }) => word)] };
    default:
      return { kind: "anything" };
  }
}
