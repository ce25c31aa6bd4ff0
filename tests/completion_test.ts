/** The completion of resmon's command line, in the shells themselves. */

import assert from "node:assert/strict";
import { type Ended, execute, PYTHON, resmon } from "./program.ts";
import { withTemporaryFolder } from "./temporary.ts";

const TERMINAL = new URL("workloads/terminal.py", import.meta.url).pathname;

// `probe` is a command in PATH, which has a completion of its own.
const CASES: readonly (readonly [typed: string, completed: string])[] = [
  ["resmon ru", "resmon run"],
  ["resmon help exp", "resmon help export"],
  ["resmon completion z", "resmon completion zsh"],
  ["resmon run --no-r", "resmon run --no-report"],
  ["resmon run -m cpu,-net", "resmon run -m cpu,-network"],
  ["resmon run --metrics=cpu,net", "resmon run --metrics=cpu,network"],
  ["resmon run --output some-f", "resmon run --output some-folder"],
  ["resmon report some-l", "resmon report some-log.jsonl"],
  ["resmon run prob", "resmon run probe"],
  ["resmon run -i 1s prob", "resmon run -i 1s probe"],
  ["resmon run -i 1s probe o", "resmon run -i 1s probe own-word"],
  ["resmon run -q -- probe o", "resmon run -q -- probe own-word"],
  [
    "resmon run --output=some-folder --message a:b probe o",
    "resmon run --output=some-folder --message a:b probe own-word",
  ],
  ["resmon phase st", "resmon phase start"],
  ["resmon progress --req", "resmon progress --require"],
  ["resmon log --level cr", "resmon log --level critical"],
  ["resmon time prob", "resmon time probe"],
  ["resmon time --name a -- probe o", "resmon time --name a -- probe own-word"],
  ["resmon run --tag a=b probe --force o", "resmon run --tag a=b probe --force own-word"],
];

/** Where a shell completes, and the file with resmon's completion. */
interface Place {
  readonly cwd: string;
  readonly script: string;
}

/** Gives each line as the shell has completed it. */
type Complete = (place: Place, lines: readonly string[]) => Promise<string[]>;

function testShell(shell: string, complete: Complete): void {
  const name = `resmon completion ${shell} completes options, values, files, and what the command itself completes`;
  Deno.test(name, () =>
    withTemporaryFolder(async (folder) => {
      if (!(await isThere(shell))) return console.warn(`DID NOT RUN: ${name}: ${shell} is not installed`);
      const script = `${folder}/script`;
      const cwd = `${folder}/here`;
      await Deno.mkdir(`${cwd}/some-folder`, { recursive: true });
      await Deno.writeTextFile(`${cwd}/some-log.jsonl`, "");
      await Deno.writeTextFile(`${cwd}/probe`, "#!/bin/sh\n", { mode: 0o755 });
      await Deno.writeTextFile(script, assertPrinted(await resmon(["completion", shell])));
      const completed = await complete({ cwd, script }, CASES.map(([typed]) => typed));
      assert.deepEqual(completed.map(withoutSuffix), CASES.map(([, expected]) => expected));
    }));
}

async function isThere(program: string): Promise<boolean> {
  return (await execute(["sh", "-c", 'command -v "$0"', program])).code === 0;
}

function assertPrinted({ code, stdout, stderr }: Ended): string {
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  return stdout;
}

// What shells add to say that the word is whole, or that more may follow.
function withoutSuffix(line: string): string {
  return line.replace(/[ ,/]+$/, "");
}

/** Types each line and a tabulator into an interactive shell, which writes down its line when it gets Ctrl-G. */
async function typeInto(argv: readonly string[], setup: readonly string[], { place, lines }: {
  readonly place: Place;
  readonly lines: readonly string[];
}): Promise<string[]> {
  const steps = [
    ...[`cd ${place.cwd}`, "PATH=$PWD:$PATH", ...setup, `source ${place.script}`].map((send) => ({
      send: `${send}\n`,
    })),
    { send: "echo rea'dy'\n" },
    { expect: "ready\r\n" },
    { idle: true },
    ...lines.map((line) => ({ send: `${line}\t\x07\x15` })),
    { send: "echo do'ne'\n" },
    { expect: "done\r\n" },
  ];
  const plan = JSON.stringify({ argv, columns: 200, steps });
  const { code, stdout, stderr } = await execute([PYTHON, TERMINAL, plan], { env: { TERM: "xterm", HISTFILE: "" } });
  assert.equal(code, 0, stderr);
  const captured = `${place.cwd}/captured`;
  const text = await Deno.readTextFile(captured).catch((cause) => {
    throw new Error(`Nothing was completed: ${JSON.parse(stdout).transcript}`, { cause });
  });
  return text.trimEnd().split("\n");
}

testShell("bash", (place, lines) => {
  const setup = [
    "source /usr/share/bash-completion/bash_completion",
    "_probe() { COMPREPLY=(own-word); }; complete -F _probe probe",
    `bind -x '"\\C-g": printf "%s\\n" "$READLINE_LINE" >> captured'`,
  ];
  return typeInto(["bash", "--norc", "--noprofile", "-i"], setup, { place, lines });
});

testShell("zsh", (place, lines) => {
  const setup = [
    "autoload -Uz compinit; compinit -u -D; rehash",
    "_probe() { compadd own-word }; compdef _probe probe",
    `capture() { print -r -- "$BUFFER" >> captured }; zle -N capture; bindkey '^G' capture`,
  ];
  return typeInto(["zsh", "-f", "-i"], setup, { place, lines });
});

// The first completion replaces the last word: fish tells words, not lines.
testShell("fish", async ({ cwd, script }, lines) => {
  const setup = `source ${script}; complete -c probe -f -a own-word; set -p PATH $PWD`;
  const tell =
    `for line in $argv; set first (complete -C $line)[1]; string replace -r '\\t.*' '' -- "$first"; end; true`;
  const env = { HOME: cwd, XDG_CONFIG_HOME: cwd };
  const { code, stdout, stderr } = await execute(["fish", "-c", `${setup}; ${tell}`, ...lines], { cwd, env });
  assert.equal(code, 0, stderr);
  const words = stdout.trimEnd().split("\n");
  return lines.map((line, index) => line.replace(/\S*$/, words[index] ?? ""));
});

Deno.test("resmon completion says what is wrong with a shell that it does not know", async () => {
  const { code, stderr } = await resmon(["completion", "tcsh"]);
  assert.equal(code, 2);
  assert.match(stderr, /Allowed choices are bash, zsh, fish/);
});
