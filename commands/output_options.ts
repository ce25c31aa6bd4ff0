import { Option } from "commander";
import { withVariable } from "./options.ts";

/** Makes the options of `run` that look at what the command writes. */
export function commandOutputOptions(): Option[] {
  return [
    new Option("--mark-pattern <regex>", "make a tag of every line of output that matches; may be repeated")
      .argParser((source: string, before: readonly string[] = []) => [...before, source]),
    new Option("--capture", "keep the command's output: stdout.log, stderr.log and records of the log"),
    new Option("--live", "show what the command uses on the last line of the terminal while it runs"),
  ].map(withVariable);
}
