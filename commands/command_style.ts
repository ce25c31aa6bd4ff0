import { Command } from "commander";
import { suggestWord } from "../lib/suggest.ts";
import type { ExitStatus } from "../lib/wait.ts";

/** Takes the result of the chosen subcommand. */
export type OnResult = (result: Promise<ExitStatus>) => void;

/** The command line of resmon without its subcommands. */
export function createRoot(): Command {
  return new Command("resmon").enablePositionalOptions();
}

/** Gives a command, and all within it, the help and the errors that resmon has everywhere. */
export function configure(command: Command): void {
  command.exitOverride();
  command.helpOption("-h, --help", "print this help");
  command.configureOutput({ outputError: (text, write) => write(explained(text, command)) });
  for (const subcommand of command.commands) configure(subcommand);
}

/** Adds the subcommand that prints the help of the others. */
export function addHelp(program: Command): void {
  program.helpCommand(false);
  program.command("help")
    .description("print the help of a subcommand")
    .argument("[subcommand]", "which one")
    .action((word?: string) => {
      const found = program.commands.find((command) => command.name() === word);
      if (word !== undefined && found === undefined) program.error(unknownSubcommand(word, program));
      (found ?? program).help();
    });
}

function unknownSubcommand(word: string, { commands }: Command): string {
  const names = commands.map((command) => command.name());
  const near = suggestWord(word, names);
  const advice = near === undefined ? `There are ${names.join(", ")}` : `(Did you mean ${near}?)`;
  return `error: unknown subcommand '${word}'\n${advice}`;
}

function explained(text: string, command: Command): string {
  return `${withoutSecrets(text).replace(/^error: /, "resmon: ")}${adviceOn(text, command)}`;
}

function adviceOn(text: string, command: Command): string {
  const word = /unknown command '(.+?)'/.exec(text)?.[1];
  if (word === undefined || text.includes("(Did you mean ")) return "";
  // Who forgets "run" named a program of their own.
  if (command.parent === null) return `To record a program: resmon run -- ${word} ...\n`;
  const names = command.commands.map((each) => each.name());
  return `After "resmon ${command.name()}" comes one of: ${names.join(", ")}\n`;
}

// What stands before the @ of a URL is a name and a password.
function withoutSecrets(text: string): string {
  return text.replace(/(:\/\/)[^/\s]*@/g, "$1***@");
}
