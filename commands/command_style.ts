import { Command } from "commander";
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
  command.configureOutput({ outputError: (text, write) => write(explained(text)) });
  for (const subcommand of command.commands) configure(subcommand);
}

// Who forgets "run" named a program of their own.
function explained(text: string): string {
  const program = /unknown command '(.+?)'/.exec(text)?.[1];
  const hint = program === undefined ? "" : `To record a program: resmon run -- ${program} ...\n`;
  return `${withoutSecrets(text).replace(/^error: /, "resmon: ")}${hint}`;
}

// What stands before the @ of a URL is a name and a password.
function withoutSecrets(text: string): string {
  return text.replace(/(:\/\/)[^/\s]*@/g, "$1***@");
}
