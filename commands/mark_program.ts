import { type Command, InvalidArgumentError, Option } from "commander";
import { LEVEL_WORDS } from "../lib/mark_fields.ts";
import type { UnsentMark } from "../lib/mark_sender.ts";
import { parseDecimal } from "../lib/parse.ts";
import { parsePlainValue } from "../lib/plain_value.ts";
import type { Attributes } from "../lib/records.ts";
import { configure, createRoot, type OnResult } from "./command_style.ts";
import type { MarkOptions } from "./mark.ts";

const MARK_HELP = `
A mark goes to the resmon that records this shell: one that runs it (resmon run
-- make), or that is attached to it. Without one nothing happens and the status
is 0, so that scripts run anywhere; with --require it is 1.

It is a process of the script, of some 50 ms and 50 MiB, and counts as such; for
nothing: echo "phase start train" >> "$RESMON_MARKS"`;

const TAG_HELP = `
Examples:
  resmon tag "cache is warm"
  resmon tag --attribute loss=0.25 validated
${MARK_HELP}`;

const PHASE_HELP = `
Examples:
  resmon phase start train --attribute epoch=3
  resmon phase end train

What is repeated under the same name is compared in the summary. For a phase
around one command: resmon time --name train -- python train.py
${MARK_HELP}`;

const CHECKPOINT_HELP = `
Example:
  resmon checkpoint "data set 1" loaded
${MARK_HELP}`;

const LOG_HELP = `
Examples:
  resmon log "epoch 3 is done"
  resmon log -l warning "disk nearly full" "$(df -h .)"
  resmon log scores --table scores.csv

Each argument is a message of its own: quote what belongs together.
${MARK_HELP}`;

const PROGRESS_HELP = `
Example:
  id=$(resmon progress new 3 converting)
  for file in a b c; do
    convert "$file" && resmon progress advance "$id"
  done
  resmon progress done "$id"

Any process of the run may move it: pass the id on.
${MARK_HELP}`;

const TIME_HELP = `
Examples:
  resmon time -- make -j8
  resmon time --name train -- python train.py

The command runs as with "resmon run": same terminal, input, output and signals,
and resmon ends as it does. At its end two lines on stderr tell how long it took
and what it used. Within "resmon run" it is a phase as well, and resmon's own
50 MiB count among the processes. 125: resmon itself failed before the start;
126: the command cannot be run; 127: it is not found.`;

type Add = (program: Command, onResult: OnResult) => void;

const SUBCOMMANDS: Readonly<Record<string, Add>> = {
  tag: addTag,
  phase: addPhase,
  checkpoint: addCheckpoint,
  log: addLog,
  progress: addProgress,
  time: addTime,
};

/** The command line for one of these subcommands alone: they start at once, because scripts call them in loops. */
export function createMarkProgram(word: string, onResult: OnResult): Command {
  const program = createRoot();
  SUBCOMMANDS[word]?.(program, onResult);
  configure(program);
  return program;
}

/** Adds the subcommands with which shells mark the timeline of a run. */
export function addMarkCommands(program: Command, onResult: OnResult): void {
  for (const add of Object.values(SUBCOMMANDS)) add(program, onResult);
}

function onMark(onResult: OnResult, mark: UnsentMark, options: MarkOptions): void {
  onResult(import("./mark.ts").then(({ sendMark }) => sendMark(mark, options)));
}

function addTag(program: Command, onResult: OnResult): void {
  const command = program.command("tag")
    .description("mark an instant of the run that this is called in")
    .argument("<label...>", "what to call it")
    .addHelpText("after", TAG_HELP);
  addMarkOptions(command, true);
  command.action((label: string[]) =>
    onMark(onResult, { kind: "tag", name: label.join(" "), ...attributesOf(command) }, command.opts())
  );
}

function addPhase(program: Command, onResult: OnResult): void {
  const group = program.command("phase")
    .description("mark the start or the end of a part of the run")
    .helpCommand(false)
    .addHelpText("after", PHASE_HELP);
  const start = group.command("start").description("begin a phase").argument("<name>", "what to call it");
  start.action((name: string) => onMark(onResult, { kind: "phase_start", name, ...attributesOf(start) }, start.opts()));
  const end = group.command("end").description("end a phase")
    .argument("[name]", "which one (default: the innermost that is open)");
  end.action((name?: string) =>
    onMark(onResult, { kind: "phase_end", ...(name === undefined ? {} : { name }), ...attributesOf(end) }, end.opts())
  );
  for (const command of [start, end]) {
    addMarkOptions(command, true);
    command.addHelpText("after", PHASE_HELP);
  }
}

function addCheckpoint(program: Command, onResult: OnResult): void {
  const command = program.command("checkpoint")
    .description("mark that a step is reached")
    .argument("<name...>", "what to call it, in one or several parts")
    .addHelpText("after", CHECKPOINT_HELP);
  addMarkOptions(command, true);
  command.action((names: string[]) =>
    onMark(onResult, { kind: "checkpoint", name: names.join(" "), names, ...attributesOf(command) }, command.opts())
  );
}

function addLog(program: Command, onResult: OnResult): void {
  const command = program.command("log")
    .description("put a message into the log of the run")
    .argument("[text...]", "the messages")
    .addOption(new Option("-l, --level <level>", "how important it is").choices(LEVEL_WORDS).default("info"))
    .addOption(new Option("--table <file>", "a CSV file whose first line names the columns"))
    .addHelpText("after", LOG_HELP);
  addMarkOptions(command, false);
  command.action((texts: string[]) => {
    onResult(import("./mark_log.ts").then(({ sendLog }) => sendLog(texts, command.opts())));
  });
}

function addProgress(program: Command, onResult: OnResult): void {
  const group = program.command("progress")
    .description("tell how far something has come")
    .helpCommand(false)
    .addHelpText("after", PROGRESS_HELP);
  addProgressNew(group, onResult);
  const id = ["<id>", "what `resmon progress new` printed"] as const;
  const advance = group.command("advance").description("so much more is done").argument(...id)
    .argument("[steps]", "how much", parseAmount, 1);
  advance.action((span: string, steps: number) =>
    onMark(onResult, { kind: "progress", span, advance: steps }, advance.opts())
  );
  const update = group.command("update").description("so much is done by now").argument(...id)
    .argument("<completed>", "how much", parseAmount);
  update.action((span: string, completed: number) =>
    onMark(onResult, { kind: "progress", span, completed }, update.opts())
  );
  const done = group.command("done").description("it is complete").argument(...id);
  done.action((span: string) => onMark(onResult, { kind: "progress", span, state: "done" }, done.opts()));
  const fail = group.command("fail").description("it is given up").argument(...id);
  fail.action((span: string) => onMark(onResult, { kind: "progress", span, state: "failed" }, fail.opts()));
  for (const command of [advance, update, done, fail]) addMarkOptions(command, false);
  for (const command of group.commands) command.addHelpText("after", PROGRESS_HELP);
}

function addProgressNew(group: Command, onResult: OnResult): void {
  const command = group.command("new").description("begin one, and print its id")
    .argument("<total>", "how much there is to do; 0 where that is not known", parseAmount)
    .argument("[message]", "what it is about");
  addMarkOptions(command, false);
  command.action((total: number, message?: string) => {
    const span = crypto.randomUUID().replaceAll("-", "");
    onMark(onResult, {
      kind: "progress",
      span,
      completed: 0,
      ...(total === 0 ? {} : { total }),
      ...(message === undefined ? {} : { name: message }),
    }, { ...command.opts(), output: span });
  });
}

function addTime(program: Command, onResult: OnResult): void {
  const command = program.command("time")
    .description("run a command as a phase, and tell how long it took")
    .usage("[options] [--] <command> [arguments...]")
    .argument("<command...>", "the command and its arguments, as you would type them without resmon")
    .passThroughOptions()
    .option("--name <text>", "what to call the phase (default: the command)")
    .option("-q, --quiet", "print nothing at the end")
    .addHelpText("after", TIME_HELP);
  command.action((words: string[]) => {
    onResult(import("./time.ts").then(({ time }) => time(words, command.opts())));
  });
}

function addMarkOptions(command: Command, hasAttributes: boolean): void {
  if (hasAttributes) {
    command.addOption(
      new Option("--attribute <key=value>", "something to tell with it; may be repeated")
        .argParser(parseAttribute),
    );
  }
  command.option("--require", "fail where no resmon records this");
}

function attributesOf(command: Command): { readonly attributes?: Attributes } {
  const attributes: Attributes | undefined = command.opts()["attribute"];
  return attributes === undefined ? {} : { attributes };
}

function parseAttribute(text: string, before: Attributes = {}): Attributes {
  const equals = text.indexOf("=");
  if (equals <= 0) throw new InvalidArgumentError(`"${text}" is no attribute: write it like epoch=3.`);
  return { ...before, [text.slice(0, equals)]: parsePlainValue(text.slice(equals + 1)) };
}

function parseAmount(text: string): number {
  try {
    return parseDecimal(text, "number");
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new InvalidArgumentError(`"${text}" is no number of 0 or more.`);
  }
}
