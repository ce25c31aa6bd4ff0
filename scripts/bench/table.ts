import { ROOT } from "../deno.ts";
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
  return `On ${new Date().toISOString().slice(0, 10)}: ${navigator.hardwareConcurrency} CPUs (${model}${
    isVirtual ? ", a virtual machine" : ""
  }), ${memory}, Linux ${Deno.osRelease()}, ${form}.`;
}

/** The table in Markdown, one for each point. */
export function renderTable(measured: readonly Measured[], machine: string): string {
  const tables = measured.map(({ title, rows }) => {
    const head =
      "| what | measured | compared with | ratio | target | command |\n| --- | --- | --- | --- | --- | --- |";
    return `### ${title}\n\n${head}\n${rows.map(renderRow).join("\n")}`;
  });
  return [machine, ...tables].join("\n\n");
}

function renderRow({ what, measured, against = "", ratio = "", target, command }: Row): string {
  const goal = target === undefined ? "" : `${target.text}: ${target.isMet ? "met" : "**missed**"}`;
  return `| ${[what, measured, against, ratio, goal, `\`${command}\``].join(" | ")} |`;
}

/** Puts the table between its marks in docs/overhead.md. Throws Error where they are missing. */
export function writeTable(table: string): void {
  const text = Deno.readTextFileSync(DOCUMENT);
  const [start, end] = [text.indexOf(START), text.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`Cannot write ${DOCUMENT.pathname}: ${START} or ${END} is missing`);
  Deno.writeTextFileSync(DOCUMENT, `${text.slice(0, start + START.length)}\n\n${table}\n\n${text.slice(end)}`);
}
