import { errnoNumber } from "./ffi/errno.ts";
import { type OpenFile, type Root, SystemError } from "./root.ts";

const EISDIR = 21;
const ENOENT = 2;
const ENOTDIR = 20;
const EINVAL = 22;
/** Links that a path may go through, as in path_resolution(7). */
export const MAX_LINKS = 40;

type Entry = { readonly text: string } | { readonly link: string } | { readonly errno: number };

/**
 * A machine as text, for tests and fixtures: lines of `path<TAB>op<TAB>value`, where op is `=` (value: the content as a JSON
 * string), `->` (the target of a link), `!` (the errno symbol that every read gives) or `/` (a folder that may be empty, without
 * value). Other folders follow from the paths.
 */
export class ArchiveRoot implements Root {
  readonly #entries = new Map<string, Entry>();
  readonly #folders = new Map<string, Set<string>>();

  /** Throws SyntaxError, with the line, for text that is not of the form above. */
  constructor(text: string) {
    text.split("\n").forEach((line, index) => {
      if (line !== "" && !line.startsWith("#")) this.#add(line, index + 1);
    });
  }

  /** Puts a file in, or replaces it: how a test lets time pass. */
  write(path: string, text: string): void {
    this.#put(path, { text });
  }

  /** Puts a link in, or replaces it. */
  link(path: string, target: string): void {
    this.#put(path, { link: target });
  }

  /** Makes every read of a path fail with an errno symbol, such as `EACCES`. */
  fail(path: string, code: string): void {
    this.#put(path, { errno: errnoNumber(code) });
  }

  /** Takes a file out. */
  remove(path: string): void {
    this.#entries.delete(path);
    const slash = path.lastIndexOf("/");
    this.#folders.get(path.slice(0, slash) || "/")?.delete(path.slice(slash + 1));
  }

  read(path: string): string {
    const entry = this.#resolve(path, "read");
    if ("text" in entry) return entry.text;
    throw new SystemError("read", path, "errno" in entry ? entry.errno : EINVAL);
  }

  list(path: string): string[] {
    const real = this.#follow(path, "list");
    const names = this.#folders.get(real);
    if (names !== undefined) return [...names];
    const entry = this.#entries.get(real);
    if (entry === undefined) throw new SystemError("list", path, ENOENT);
    throw new SystemError("list", path, "errno" in entry ? entry.errno : ENOTDIR);
  }

  readLink(path: string): string {
    const real = this.#followParent(path, "read link");
    const entry = this.#entries.get(real);
    if (entry === undefined) throw new SystemError("read link", path, this.#folders.has(real) ? EINVAL : ENOENT);
    if ("link" in entry) return entry.link;
    throw new SystemError("read link", path, "errno" in entry ? entry.errno : EINVAL);
  }

  size(path: string): number {
    const names = this.#folders.get(this.#follow(path, "stat"));
    return names === undefined ? this.read(path).length : names.size;
  }

  open(path: string): OpenFile {
    const entry = this.#resolve(path, "read");
    if ("errno" in entry && entry.errno === ENOENT) throw new SystemError("read", path, ENOENT);
    return { read: () => this.read(path), close: () => undefined };
  }

  #add(line: string, number: number): void {
    const [path, op, ...rest] = line.split("\t");
    const value = rest.join("\t");
    if (path === undefined || !path.startsWith("/")) {
      throw new SyntaxError(`Cannot parse archive line ${number}: no path`);
    }
    if (op === "=") return this.#put(path, { text: parseJsonString(value, number) });
    if (op === "->") return this.#put(path, { link: value.startsWith('"') ? parseJsonString(value, number) : value });
    if (op === "!") return this.#put(path, { errno: errnoNumber(value) });
    if (op === "/") return this.#makeFolder(path);
    throw new SyntaxError(`Cannot parse archive line ${number}: op is ${JSON.stringify(op)}`);
  }

  #makeFolder(path: string): void {
    this.#nameInFolders(path);
    if (!this.#folders.has(path)) this.#folders.set(path, new Set());
  }

  #put(path: string, entry: Entry): void {
    this.#entries.set(path, entry);
    this.#nameInFolders(path);
  }

  #nameInFolders(path: string): void {
    for (let child = path; child !== "/" && child !== "";) {
      const slash = child.lastIndexOf("/");
      const parent = child.slice(0, slash) || "/";
      const names = this.#folders.get(parent) ?? new Set();
      names.add(child.slice(slash + 1));
      this.#folders.set(parent, names);
      child = parent;
    }
  }

  #resolve(path: string, verb: string): Entry {
    const real = this.#follow(path, verb);
    const entry = this.#entries.get(real);
    if (entry !== undefined) return entry;
    throw new SystemError(verb, path, this.#folders.has(real) ? EISDIR : ENOENT);
  }

  #follow(path: string, verb: string): string {
    let real = this.#followParent(path, verb);
    for (let hops = 0; hops < MAX_LINKS; hops++) {
      const entry = this.#entries.get(real);
      if (entry === undefined || !("link" in entry)) return real;
      real = this.#followParent(joinLink(real, entry.link), verb);
    }
    throw new SystemError(verb, path, 40);
  }

  // Links inside the path, as in /sys/class/net/eth0/statistics where eth0 is one.
  #followParent(path: string, verb: string): string {
    let real = "";
    const names = path.split("/").filter((name) => name !== "");
    names.forEach((name, index) => {
      real += `/${name}`;
      const entry = index < names.length - 1 ? this.#entries.get(real) : undefined;
      if (entry !== undefined && "link" in entry) real = this.#follow(joinLink(real, entry.link), verb);
    });
    return real;
  }
}

/** The path that a link at `path` leads to. */
export function joinLink(path: string, link: string): string {
  const names = link.startsWith("/") ? [] : path.split("/").slice(0, -1);
  for (const name of link.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "." && name !== "") names.push(name);
  }
  return `/${names.filter((name) => name !== "").join("/")}`;
}

function parseJsonString(value: string, number: number): string {
  const parsed: unknown = JSON.parse(value);
  if (typeof parsed === "string") return parsed;
  throw new SyntaxError(`Cannot parse archive line ${number}: value is not a JSON string`);
}
