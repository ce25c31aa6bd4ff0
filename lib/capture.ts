import type { Anonymiser } from "./anonymiser.ts";
import { joinLink, MAX_LINKS } from "./archive_root.ts";
import { TOOL_ENDS_FOLDER, TOOLS_FOLDER } from "./archive_tools.ts";
import { orGap } from "./availability.ts";
import { type Host, hostFiles } from "./host.ts";
import { NotingRoot } from "./noting_root.ts";
import { NotingTools } from "./noting_tools.ts";
import type { Root } from "./root.ts";
import { hideInFile, hideInPath, isForeignProcess } from "./private_files.ts";

// What tells about a machine although no collector reads it.
const TELLING_FILES = [
  "/etc/os-release",
  "/etc/nv_tegra_release",
  "/proc/device-tree/compatible",
  "/proc/device-tree/model",
  "/proc/driver/nvidia/version",
  "/sys/module/amdgpu/version",
  "/sys/module/nvidia/version",
];
const TELLING_FOLDERS = [
  "/sys/class",
  "/sys/class/drm",
  "/sys/class/hwmon",
  "/sys/class/powercap",
  "/sys/class/thermal",
];

/** A line of a fixture: its op and value, of which texts and links are not yet strings of JSON. */
type Entry = readonly [op: "=" | "->" | "!" | "/", value: string];

/** A machine that takes note of what is looked at, so that it can be written as a fixture. */
export class Capture {
  /** To be examined in the place of the machine itself. */
  readonly host: Host;
  readonly #machine: Host;
  readonly #root: NotingRoot;
  readonly #tools: NotingTools;

  constructor(machine: Host) {
    this.#machine = machine;
    this.#root = new NotingRoot(machine.root);
    this.#tools = new NotingTools(machine.tools, machine.program);
    this.host = { ...machine, root: this.#root, tools: this.#tools };
  }

  /** What was looked at so far as the text of an {@linkcode ArchiveRoot}, without what is private. */
  write(anonymiser: Anonymiser): string {
    for (const path of TELLING_FILES) orGap(() => this.#root.read(path));
    for (const path of TELLING_FOLDERS) orGap(() => this.#root.list(path));
    const entries = [...this.#machineEntries(), ...this.#toolEntries()];
    for (const [, [, value]] of entries) anonymiser.learn(value);
    return `${entries.map(([path, entry]) => formatLine(path, entry, anonymiser)).sort().join("\n")}\n`;
  }

  #machineEntries(): Map<string, Entry> {
    const seen = this.#seen();
    const links = new Map<string, string>();
    // From the top, so that a link inside a linked folder is put where the folder really is.
    for (const [path, [op, value]] of [...seen].sort(([a], [b]) => a.length - b.length)) {
      if (op === "->") links.set(followLinks(path, links, "parent"), value);
    }
    const entries = new Map<string, Entry>();
    for (const [path, entry] of seen) {
      const place = followLinks(path, links, entry[0] === "->" ? "parent" : "itself");
      if (!entries.has(place)) entries.set(place, entry);
    }
    return entries;
  }

  /** What every path is that was looked at, by the name by which it was; and what was listed without a further look. */
  #seen(): Map<string, Entry> {
    const { pid } = this.#machine;
    const seen = new Map<string, Entry>();
    const paths = [...this.#root.notes.keys()].filter((path) => !isForeignProcess(path, pid));
    const folders = new Set(paths.flatMap(ancestors));
    for (const path of paths) {
      const entry = this.#entryOf(path);
      if (entry !== undefined) seen.set(path, entry);
    }
    for (const child of paths.flatMap((path) => this.#children(path))) {
      if (seen.has(child) || isForeignProcess(child, pid)) continue;
      const entry = describeUnread(this.#machine.root, child);
      if (entry[0] === "->" || !folders.has(child)) seen.set(child, entry);
    }
    return seen;
  }

  #entryOf(path: string): Entry | undefined {
    const notes = this.#root.notes.get(path);
    const link = notes?.get("link");
    if (link?.kind === "link") return ["->", link.target];
    const text = notes?.get("text");
    if (text?.kind === "text") return ["=", text.text];
    if (notes?.has("names")) return ["/", ""];
    if (notes?.has("size")) return isFolder(this.#machine.root, path) ? ["/", ""] : ["=", ""];
    const error = notes?.get("error");
    // What is not there is not in the fixture either.
    return error?.kind === "error" && error.code !== "ENOENT" ? ["!", error.code] : undefined;
  }

  #children(path: string): string[] {
    // Only the processes in it matter, and those that are told are told by their files.
    if (path === "/proc") return [];
    const notes = this.#root.notes.get(path);
    const listed = notes?.get("names");
    const counted = notes?.has("size") ? orGap(() => this.#machine.root.list(path)) ?? [] : [];
    const names = listed?.kind === "names" ? listed.names : counted;
    return names.map((name) => `${path}/${name}`);
  }

  *#toolEntries(): Generator<[string, Entry]> {
    for (const [path, text] of hostFiles(this.#machine)) yield [path, ["=", text]];
    for (const [file, { output, end }] of this.#tools.notes) {
      yield [`${TOOLS_FOLDER}/${file}`, ["=", output]];
      if (end !== undefined) yield [`${TOOL_ENDS_FOLDER}/${file}`, ["=", end]];
    }
  }
}

function isFolder(root: Root, path: string): boolean {
  return orGap(() => root.list(path)) !== null;
}

function describeUnread(root: Root, path: string): Entry {
  // Among them are descriptors of processes, which are counted: where they lead is nobody's business.
  if (path.startsWith("/proc/")) return ["!", "ENODATA"];
  const target = orGap(() => root.readLink(path));
  if (target !== null) return ["->", target];
  return isFolder(root, path) ? ["/", ""] : ["!", "ENODATA"];
}

function ancestors(path: string): string[] {
  const names = path.split("/");
  return names.map((_, index) => names.slice(0, index).join("/")).filter((folder) => folder !== "");
}

/** Where a path leads by the links that are known: the place of the file itself, or, of a link, that of its parent's. */
function followLinks(path: string, links: ReadonlyMap<string, string>, upTo: "itself" | "parent"): string {
  const names = path.split("/").filter((name) => name !== "");
  let real = "";
  names.forEach((name, index) => {
    real += `/${name}`;
    if (upTo === "parent" && index === names.length - 1) return;
    for (let hops = 0, link = links.get(real); link !== undefined && hops < MAX_LINKS; hops++, link = links.get(real)) {
      real = followLinks(joinLink(real, link), links, "parent");
    }
  });
  return real;
}

function formatLine(path: string, [op, value]: Entry, anonymiser: Anonymiser): string {
  const place = hideInPath(path, anonymiser);
  switch (op) {
    case "=":
      return `${place}\t=\t${JSON.stringify(hideInFile(path, value, anonymiser))}`;
    case "->":
      return `${place}\t->\t${JSON.stringify(hideInPath(value, anonymiser))}`;
    case "!":
      return `${place}\t!\t${value}`;
    case "/":
      return `${place}\t/`;
  }
}
