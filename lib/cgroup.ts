import { splitLines } from "./parse.ts";
import { isGone, type Root } from "./root.ts";

/** What a control group accounts or limits, as version 1 names it. */
export type CgroupController = "cpu" | "cpuacct" | "memory" | "pids";

/** Where one controller of resmon's control group is found. */
export interface CgroupPlace {
  readonly version: 1 | 2;
  /** The group's own folder, then those of its ancestors up to the mount root: a limit on any of them holds. */
  readonly folders: readonly [string, ...string[]];
}

/** One line of `/proc/<pid>/cgroup`; version 2 has no controllers in it. */
export interface CgroupLine {
  readonly controllers: readonly string[];
  readonly path: string;
}

/** Parses `/proc/<pid>/cgroup`, see cgroups(7). A path may hold colons. Throws SyntaxError. */
export function parseCgroupLines(text: string): CgroupLine[] {
  return splitLines(text, "/proc/self/cgroup").map((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) {
      throw new SyntaxError(`Cannot parse /proc/self/cgroup: ${JSON.stringify(line)}`);
    }
    return { controllers: controllers.split(",").filter((name) => name !== ""), path };
  });
}

/** One mounted file system of `/proc/<pid>/mountinfo`. */
export interface Mount {
  /** The folder of the file system that is mounted. */
  readonly root: string;
  readonly point: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** Parses `/proc/<pid>/mountinfo`, see proc_pid_mountinfo(5). Lines of another form are left out. Throws SyntaxError. */
export function parseMountinfo(text: string): Mount[] {
  return splitLines(text, "/proc/self/mountinfo").flatMap((line) => {
    const [mount = "", file = ""] = line.split(" - ");
    const [, , , root, point] = mount.split(" ");
    const [type, , options] = file.split(" ");
    if (root === undefined || point === undefined || type === undefined || options === undefined) return [];
    return [{ root: unescapePath(root), point: unescapePath(point), type, options: options.split(",") }];
  });
}

// Blanks, tabs, newlines and backslashes in a path are three octal digits.
function unescapePath(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}

/** The control group of resmon itself: versions 1 and 2, and both at once. */
export class Cgroup {
  readonly #root: Root;
  readonly #lines: readonly CgroupLine[];
  readonly #mounts: readonly Mount[];
  readonly #places = new Map<CgroupController, CgroupPlace>();

  /** Throws SystemError or SyntaxError where the kernel does not tell. */
  constructor(root: Root) {
    this.#root = root;
    this.#lines = parseCgroupLines(root.read("/proc/self/cgroup"));
    this.#mounts = parseMountinfo(root.read("/proc/self/mountinfo"));
  }

  /** Finds a controller; undefined where the group is deleted, or seen from another namespace, or not mounted here. */
  find(controller: CgroupController): CgroupPlace | undefined {
    const known = this.#places.get(controller);
    if (known !== undefined) return known;
    const first = this.#lines.find((line) => line.controllers.includes(controller));
    const second = this.#lines.find((line) => line.controllers.length === 0);
    const place = first !== undefined
      ? this.#place(1, first.path, controller)
      : this.#place(2, second?.path, controller);
    if (place !== undefined) this.#places.set(controller, place);
    return place;
  }

  /** The group of version 2 that resmon is in, whether or not any controller is there; undefined where none is to be seen. */
  findUnified(): CgroupPlace | undefined {
    return this.#place(2, this.#lines.find((line) => line.controllers.length === 0)?.path, "cpu");
  }

  #place(version: 1 | 2, path: string | undefined, controller: CgroupController): CgroupPlace | undefined {
    const mounts = this.#mounts.filter(({ type, options }) =>
      version === 2 ? type === "cgroup2" : type === "cgroup" && options.includes(controller)
    );
    for (const mount of mounts) {
      const folders = path === undefined ? undefined : foldersBelow(mount, path);
      if (folders !== undefined && this.#exists(folders[0])) return { version, folders };
    }
    return undefined;
  }

  #exists(folder: string): boolean {
    try {
      this.#root.list(folder);
      return true;
    } catch (error) {
      if (isGone(error)) return false;
      throw error;
    }
  }
}

// A path that starts with /.. lies outside the own cgroup namespace: only a mount with such a root may show it.
function foldersBelow({ root, point }: Mount, path: string): [string, ...string[]] | undefined {
  if (path.endsWith(" (deleted)")) return undefined;
  const prefix = root === "/" ? "" : root;
  if (path !== root && !path.startsWith(`${prefix}/`)) return undefined;
  const names = path.slice(prefix.length).split("/").filter((name) => name !== "");
  if (names.includes("..")) return undefined;
  let folders: [string, ...string[]] = [point];
  for (const name of names) folders = [`${folders[0]}/${name}`, ...folders];
  return folders;
}
