import { ROOT, runDeno } from "../deno.ts";
import type { Row } from "./workbench.ts";

/** What one point of the benchmark gave. */
export interface Measured {
  readonly title: string;
  readonly rows: readonly Row[];
}

const DOCUMENT = new URL("docs/overhead.md", ROOT);
const START = "<!-- measured by `deno task bench` -->";
const END = "<!-- end of what was measured -->";

/** The machine and the form of resmon that were measured, in one sentence. */
export function describeMachine(resmon: readonly string[]): string {
  const model = /^model name\s*: (.*)$/m.exec(Deno.readTextFileSync("/proc/cpuinfo"))?.[1] ?? Deno.build.arch;
  const isVirtual = /^flags.*\bhypervisor\b/m.test(Deno.readTextFileSync("/proc/cpuinfo"));
  const memory = `${Math.round(Deno.systemMemoryInfo().total / 2 ** 30)} GiB`;
  const form = resmon.length === 1 ? "the compiled program" : `the bundled program on Deno ${Deno.version.deno}`;
  const [load = NaN] = Deno.loadavg();
  return `On ${new Date().toISOString().slice(0, 10)}: ${navigator.hardwareConcurrency} CPUs (${model}${
    isVirtual ? ", a virtual machine" : ""
  }), ${memory}, Linux ${Deno.osRelease()}, ${form}; load average ${load.toFixed(1)}.`;
}

/** What one point gave, as a section of docs/overhead.md. */
export function renderSection({ title, rows }: Measured, machine: string): string {
  const head = "| what | measured | compared with | ratio | target | command |\n| --- | --- | --- | --- | --- | --- |";
  return `### ${title}\n\n${machine}\n\n${head}\n${rows.map(renderRow).join("\n")}\n`;
}

const VERDICTS = { met: "met", missed: "**missed**", undecided: "undecided, for the noise" } as const;

function renderRow({ what, measured, against = "", ratio = "", target, command }: Row): string {
  const goal = target === undefined ? "" : `${target.text}: ${VERDICTS[target.state]}`;
  return `| ${[what, measured, against, ratio, goal, `\`${command}\``].join(" | ")} |`;
}

/** Puts sections between the marks in docs/overhead.md, in place of those with the same titles. Throws Error without the marks. */
export function writeSections(sections: readonly string[]): void {
  const text = Deno.readTextFileSync(DOCUMENT);
  const [start, end] = [text.indexOf(START), text.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`Cannot write ${DOCUMENT.pathname}: ${START} or ${END} is missing`);
  const before = text.slice(start + START.length, end).split(/^(?=### )/m).filter((section) => section.trim() !== "");
  const known = new Map([...before, ...sections].map((section) => [section.split("\n")[0], section.trim()]));
  const written = `${text.slice(0, start + START.length)}\n\n${[...known.values()].join("\n\n")}\n\n${text.slice(end)}`;
  Deno.writeTextFileSync(DOCUMENT, written);
  runDeno(Deno.execPath(), ["fmt", "--quiet", DOCUMENT.pathname]);
}
