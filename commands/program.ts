import { Argument, type Command, Option } from "commander";
import { VERSION } from "../lib/version.ts";
import { addHelp, configure, createRoot, type OnResult } from "./command_style.ts";
import { addLogCommands } from "./log_program.ts";
import { addMarkCommands } from "./mark_program.ts";
import { fixtureOption, parseDuration, parsePid, recordingOptions, withVariable } from "./options.ts";
import { commandOutputOptions } from "./output_options.ts";

const RUN_HELP = `
Examples:
  resmon run -- python train.py --epochs 3
  resmon run -i 100ms -o results make -j8
  resmon run --tag model=resnet50 --quiet -- ./benchmark
  resmon run --mark-pattern '(?P<phase>Epoch \\d+)' -- python train.py

The command runs as if resmon were not there: same terminal, input, output,
signals and limits. resmon ends as the command does, with its exit status or by
the same signal. 125: resmon itself failed before the start; 126: the command
cannot be run; 127: it is not found.

Results: log.jsonl (everything), samples.csv, processes.csv, summary.json and
report.html. Every option can be set by a variable: RESMON_INTERVAL=100ms,
RESMON_NO_REPORT=1.

--mark-pattern takes RE2's syntax. A line that matches is a tag. Its name is the
first group, else what matched; (?P<name>...) is an attribute; (?P<phase>...)
begins a phase, which ends where another one begins: another name, or another
whole number in a group of the line. (?P<end>...) ends it, too.

--live shows time, CPU, memory, phases and progress on the terminal's last line
while the command is quiet and the cursor at the start of a line: not in the
midst of a line, over a full-screen program or in the background, and only on
Linux with stderr a terminal.

With --mark-pattern, --capture or --live the command's output passes through
resmon: through a pipe where it goes to a file or a pipe, and on a terminal
through a pseudo-terminal, so that bars, colours and keys stay. It cannot keep
this: a command that outlives a killed resmon can write no more (EIO, SIGPIPE),
and bash has no job control in it.

Limits that no program can remove: where resmon is PID 1 (the first process of
a container) or leads the session of a terminal (ssh -t host resmon run ...),
its death ends the command too. docs/wrapping.md tells more.`;

const ATTACH_HELP = `
Examples:
  resmon attach -p 4711
  resmon attach -p "$(pgrep -n python)" -i 100ms -o results

Ctrl-C ends the recording, not the process. What attach cannot know, because
the process belongs to another parent: its exit status, exact totals, and what
became of orphans of its tree.`;

const DOCTOR_HELP = `
For every number that resmon can record: whether it is there, from which source,
why not and what to do, and what a reading costs on this machine. Status 0 where
the core works (process tree, CPU, memory), else 1.`;

const COMPLETION_HELP = `
Add the line to your shell's start:
  bash (~/.bashrc):                   source <(resmon completion bash)
  zsh (~/.zshrc, behind compinit):    source <(resmon completion zsh)
  fish (~/.config/fish/config.fish):  resmon completion fish | source

After "resmon run --", the command's own completion goes on; bash needs the
package bash-completion for that.`;

/** The shells that can complete resmon's command line. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** The command line of resmon: every subcommand with its options and help. A subcommand is loaded when it is chosen. */
export function createProgram(onResult: OnResult): Command {
  const program = createRoot()
    .description("Tells what a program really used: CPU, memory, I/O, processes, machine.")
    .version(VERSION, "-V, --version", "print the version")
    .addHelpText("after", '\nStart with:  resmon run -- <command>\n"resmon <subcommand> --help" tells more.');
  addRun(program, onResult);
  addAttach(program, onResult);
  addMarkCommands(program, onResult);
  addLogCommands(program, onResult);
  addMetrics(program, onResult);
  addDoctor(program, onResult);
  addCompletion(program, onResult);
  addHelp(program);
  configure(program);
  return program;
}

function addRun(program: Command, onResult: OnResult): void {
  const command = program.command("run")
    .description("run a command and record what it uses")
    .usage("[options] [--] <command> [arguments...]")
    .argument("<command...>", "the command and its arguments, as you would type them without resmon")
    .passThroughOptions()
    .addHelpText("after", RUN_HELP);
  for (const option of [...recordingOptions(), ...commandOutputOptions()]) command.addOption(option);
  command
    .addOption(
      withVariable(
        new Option("--baseline <time>", "measure the power of the idle machine for so long before the start")
          .argParser(parseDuration),
      ),
    )
    .addOption(
      withVariable(
        new Option("--cgroup <folder>", "account the command in a control group of its own, made in this one; or new"),
      ),
    )
    .addOption(withVariable(new Option("--no-adopt", "let orphaned processes go to init, out of the tree")))
    .addOption(
      withVariable(new Option("--no-forward", "do not pass signals on, for senders that signal the whole group")),
    )
    .action((words: string[]) => {
      onResult(import("./run.ts").then(({ run }) => run(words, command.opts())));
    });
}

function addAttach(program: Command, onResult: OnResult): void {
  const command = program.command("attach")
    .description("record a process that runs already, and its tree, until it ends or Ctrl-C")
    .addOption(
      withVariable(new Option("-p, --pid <pid>", "the process").argParser(parsePid).makeOptionMandatory()),
    )
    .addHelpText("after", ATTACH_HELP);
  for (const option of recordingOptions()) command.addOption(option);
  command.action(() => {
    onResult(import("./attach.ts").then(({ attach }) => attach(command.opts())));
  });
}

function addMetrics(program: Command, onResult: OnResult): void {
  const command = program.command("metrics")
    .description("list everything that can be recorded, with units and meanings")
    .option("--json", "as JSON");
  command.action(() => {
    onResult(import("./metrics.ts").then(({ printMetrics }) => printMetrics(command.opts())));
  });
}

function addDoctor(program: Command, onResult: OnResult): void {
  const command = program.command("doctor")
    .description("tell which numbers this machine gives, and what to do about the others")
    .option("--json", "as JSON")
    .option("--all", "tell of every metric, and not only of what is missing")
    .option("--capture <file>", "write the machine as an anonymous fixture, to be attached to a report of a problem")
    .addOption(fixtureOption())
    .addHelpText("after", DOCTOR_HELP);
  command.action(() => {
    onResult(import("./doctor.ts").then(({ doctor }) => doctor(command.opts())));
  });
}

function addCompletion(program: Command, onResult: OnResult): void {
  const command = program.command("completion")
    .description("print the completion of resmon for a shell")
    .addArgument(new Argument("<shell>", "whose completion").choices(SHELLS))
    .addHelpText("after", COMPLETION_HELP);
  command.action((shell: (typeof SHELLS)[number]) => {
    onResult(import("./completion.ts").then(({ completion }) => completion(shell, program)));
  });
}
