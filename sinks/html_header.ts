import { formatCommand } from "../lib/escape.ts";
import { formatBytes, formatCount } from "../lib/format.ts";
import type { Device, Machine } from "../lib/records.ts";
import type { Story } from "../lib/story.ts";
import type { RunSummary, Summary } from "../lib/summary.ts";
import { type Content, type Html, markup } from "./html_template.ts";

const LONG_COMMAND = 200;

// Of a run that another system has recorded.
const TITLES: Readonly<Record<string, string>> = {
  imported_from: "Recorded by",
  imported_file: "Read from",
  imported_times: "Times",
};

/** The head of the page: what ran, how it ended, where and when. */
export function headerOf({ run, machine, devices }: Summary, { outcome, lasted }: Story): Html {
  return markup`<header>
<p class="outcome ${outcome.state}"><span>${outcome.text}</span> ${lasted}</p>
${outcome.note && markup`<p class="message">${outcome.note}.</p>`}
${commandTitle(formatCommand(run.command))}
${run.message && markup`<p class="message">${run.message}</p>`}
<dl class="meta">
${entries(run, machine, devices).map(([name, content]) => markup`<div><dt>${name}</dt><dd>${content}</dd></div>`)}
</dl>
</header>`;
}

function commandTitle(command: string): Html {
  if (command.length <= LONG_COMMAND) return markup`<h1>${command}</h1>`;
  return markup`<details class="long"><summary><h1>${command.slice(0, LONG_COMMAND)}…</h1></summary>
<p class="whole">${command}</p></details>`;
}

function entries(run: RunSummary, machine: Machine, devices: readonly Device[]): [name: string, content: Content][] {
  const { os, kernel, architecture } = machine;
  const all: [name: string, content: Content][] = [
    ["Started", markup`<time datetime="${run.started}">${startedText(run.started)}</time>`],
    ["Host", run.host],
    ["Machine", joinKnown([machine.cpu_model, coresText(machine), memoryText(machine)], ", ")],
    ...devices.length === 0 ? [] : [["Devices", devicesText(devices)] as [string, Content]],
    ["System", joinKnown([os, kernel, architecture], " ")],
    ["Folder", run.cwd],
    ...Object.entries({ ...run.tags, ...run.attributes }).map(([name, value]): [string, Content] => [
      TITLES[name] ?? name,
      value,
    ]),
  ];
  // Of a run of another system some are not known.
  return all.filter(([, content]) => content !== "");
}

/** The names of devices, equal ones counted: `4 × NVIDIA H200`. */
function devicesText(devices: readonly Device[]): string {
  const counts = new Map<string, number>();
  for (const { name } of devices) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Array.from(counts, ([name, count]) => count === 1 ? name : `${formatCount(count)} × ${name}`).join(", ");
}

function coresText({ cpus, cpus_usable }: Machine): string | undefined {
  if (cpus === undefined || cpus_usable === undefined) return undefined;
  return cpus_usable === cpus
    ? `${formatCount(cpus)} cores`
    : `${formatCount(cpus_usable)} of ${formatCount(cpus)} cores`;
}

function memoryText({ memory_bytes, memory_usable_bytes }: Machine): string | undefined {
  if (memory_bytes === undefined || memory_usable_bytes === undefined) return undefined;
  const whole = formatBytes(memory_bytes);
  return memory_usable_bytes === memory_bytes ? whole : `${formatBytes(memory_usable_bytes)} of ${whole}`;
}

function startedText(started: string): string {
  return `${started.slice(0, 10)} ${started.slice(11, 19)} UTC`;
}

function joinKnown(parts: readonly (string | undefined)[], separator: string): string {
  return parts.filter((part) => part !== undefined).join(separator);
}
