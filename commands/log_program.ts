import { type Command, InvalidArgumentError, Option } from "commander";
import type { ForeignFormat } from "../sinks/foreign_formats.ts";
import { formatCommand } from "../lib/escape.ts";
import type { OnResult } from "./command_style.ts";
import { parseInterval } from "./options.ts";

const LOG_HELP = `
LOG is a log.jsonl or the folder that holds one; or a file of another system:
CSV or dump of reseng, log of heflwr, usage.json of pyml.`;

const STATS_HELP = `
Every list has one item a tick, null where there is no value:
  resmon stats results --series cpu_percent | jq '.cpu_percent | max'
  resmon stats results | python3 -c 'import pandas, json, sys
  print(pandas.DataFrame(json.load(sys.stdin)).describe())'`;

// Spelt here, so that a command line is understood without loading any of them.
const FOREIGN_FORMATS: readonly ForeignFormat[] = ["reseng-csv", "reseng-json", "heflwr", "pyml-usage"];

/** The subcommands that read logs. */
export function addLogCommands(program: Command, onResult: OnResult): void {
  addReport(program, onResult);
  addSummary(program, onResult);
  addExport(program, onResult);
  addStats(program, onResult);
}

function intervalOption(): Option {
  return new Option("--interval <time>", "between two samples of heflwr, whose logs have no times (default: 5s)")
    .argParser(parseInterval);
}

function addReport(program: Command, onResult: OnResult): void {
  const command = program.command("report")
    .description("make the HTML report of a log, or one that compares several")
    .argument("<log...>", "one log, or several to lay over each other and compare")
    .option("-o, --output <file>", "where to write it (default: report.html beside the log)")
    .option("--force", "replace a report that is there")
    .addOption(intervalOption())
    .addHelpText("after", LOG_HELP);
  command.action((logs: string[]) => {
    onResult(import("./report.ts").then(({ report }) => report(logs, command.opts())));
  });
}

function addSummary(program: Command, onResult: OnResult): void {
  const command = program.command("summary")
    .description("tell what a run used")
    .argument("<log>", "the log")
    .allowExcessArguments()
    .option("--json", "as JSON: what summary.json holds")
    .addOption(
      new Option("--compat <system>", "the numbers of another system, as JSON: heflwr's seven").choices(["heflwr"]),
    )
    .addOption(intervalOption())
    .addHelpText("after", LOG_HELP);
  command.action((log: string) => {
    if (command.args.length > 1) {
      command.error(
        `error: Cannot summarize several logs; to compare them: resmon report -o cmp.html ${
          formatCommand(command.args)
        }`,
      );
    }
    onResult(import("./summary.ts").then(({ summary }) => summary(log, command.opts())));
  });
}

function addExport(program: Command, onResult: OnResult): void {
  const command = program.command("export")
    .description("write a log in another format")
    .argument("<log>", "the log")
    .option("--csv <file>", "samples as CSV, one row a tick; processes go to <file>-processes.csv")
    .option("--phases <file>", "the phases that the program marked as CSV, one row a phase")
    .option("--jsonl <file>", "records as JSON lines, whole and without what was damaged")
    .addOption(
      new Option("--format <format>", "the format of another system").choices(FOREIGN_FORMATS).argParser(parseFormat),
    )
    .option("-o, --output <file>", "where to write a --format (default: stdout)")
    .option("--force", "replace files that are there")
    .addOption(intervalOption())
    .addHelpText("after", LOG_HELP);
  command.action((log: string) => {
    onResult(import("./export.ts").then(({ exportLog }) => exportLog(log, command.opts())));
  });
}

function parseFormat(text: string): ForeignFormat {
  const format = FOREIGN_FORMATS.find((each) => each === text);
  if (format !== undefined) return format;
  const own = ["csv", "jsonl", "phases"].find((each) => each === text);
  const advice = own === undefined
    ? `Allowed choices are ${FOREIGN_FORMATS.join(", ")}.`
    : `Write it by --${own} FILE.`;
  throw new InvalidArgumentError(advice);
}

function addStats(program: Command, onResult: OnResult): void {
  const command = program.command("stats")
    .description("print the series of a log as JSON: a list each, one item a tick")
    .argument("<log>", "the log; it may still be written")
    .option(
      "--series <name>",
      "only this series, or this metric with all its series; may be repeated",
      (name: string, before: readonly string[] = []) => [...before, name],
    )
    .addOption(intervalOption())
    .addHelpText("after", `${LOG_HELP}\n${STATS_HELP}`);
  command.action((log: string) => {
    onResult(import("./stats.ts").then(({ stats }) => stats(log, command.opts())));
  });
}
