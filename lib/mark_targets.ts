import { attachmentPlaces, type MarkHome } from "./mark_place.ts";
import type { MarkAddress, MarkSurroundings } from "./mark_surroundings.ts";
import { parseCount } from "./parse.ts";

/** A resmon that records this process. */
export interface MarkTarget {
  /** As its environment variable spells it: the same resmon has the same. */
  readonly name: string;
  readonly address: MarkAddress;
  /** A file that it follows: for what can be sent no other way, at the end of the program. */
  readonly file: string | undefined;
}

/**
 * Finds every resmon that records this process: the one that runs it, by its environment, and those attached to it or to an
 * ancestor, by their folders.
 */
export function findTargets(surroundings: MarkSurroundings): MarkTarget[] {
  const own = targetOf(surroundings.variable("RESMON_ADDR"), surroundings.variable("RESMON_MARKS"));
  return [own, ...findAttachments(surroundings)].filter((target) => target !== undefined);
}

/** Finds the attachment of one resmon, by its pid, to a process. */
export function findAttachment(
  surroundings: MarkSurroundings,
  { pid, recorder }: { readonly pid: number; readonly recorder: number },
): MarkTarget[] {
  const name = `attach-${pid}-${recorder}`;
  const places = attachmentPlaces(homeOf(surroundings)).map(({ place }) => place);
  const found = places.filter((place) => surroundings.list(place).includes(name))
    .map((place) => targetOfFolder(`${place}/${name}`, surroundings));
  return found.filter((target) => target !== undefined);
}

/** Reads `unix:/path` or `tcp:127.0.0.1:4711/token`; undefined for anything else. */
export function parseAddress(text: string): MarkAddress | undefined {
  if (text.startsWith("unix:/")) return { kind: "unix", path: text.slice("unix:".length) };
  const [, host, port, token] = /^tcp:([\w.]+):(\d{1,5})\/(.+)$/.exec(text) ?? [];
  if (host === undefined || token === undefined) return undefined;
  const number = parseCount(port, "port");
  return number < 65_536 ? { kind: "tcp", host, port: number, token } : undefined;
}

function targetOf(name: string | undefined, file: string | undefined): MarkTarget | undefined {
  const address = parseAddress(name ?? "");
  return name === undefined || address === undefined ? undefined : { name, address, file: file || undefined };
}

function targetOfFolder(folder: string, surroundings: MarkSurroundings): MarkTarget | undefined {
  // A system without Unix sockets tells the port.
  const address = surroundings.read(`${folder}/address`)?.trim();
  return targetOf(address ?? `unix:${folder}/socket`, `${folder}/marks`);
}

function findAttachments(surroundings: MarkSurroundings): (MarkTarget | undefined)[] {
  const attachments = attachmentPlaces(homeOf(surroundings)).flatMap(({ place }) =>
    surroundings.list(place).flatMap((name) => {
      const pid = /^attach-(\d{1,10})-\d+$/.exec(name)?.[1];
      return pid === undefined ? [] : [{ pid: parseCount(pid, "pid"), folder: `${place}/${name}` }];
    })
  );
  if (attachments.length === 0) return [];
  const line = lineOf(surroundings);
  return attachments.filter(({ pid }) => line.has(pid)).map(({ folder }) => targetOfFolder(folder, surroundings));
}

function homeOf(surroundings: MarkSurroundings): MarkHome {
  const { user = null, host } = surroundings;
  const [runtime, ownState, home] = ["XDG_RUNTIME_DIR", "XDG_STATE_HOME", "HOME"].map((name) =>
    surroundings.variable(name) || undefined
  );
  const state = ownState ?? (home === undefined ? undefined : `${home}/.local/state`);
  return {
    uid: user,
    ...(runtime === undefined ? {} : { runtime }),
    // Without the name of the machine its part of the folder is not known.
    ...(state === undefined || host === undefined ? {} : { state }),
    host: host ?? "",
  };
}

/** This process and its ancestors, as far as the system tells them. */
function lineOf(surroundings: MarkSurroundings): Set<number> {
  const line = new Set([surroundings.pid]);
  let pid: number | undefined = surroundings.parent;
  // Parents that change while they are read could close a circle.
  while (pid !== undefined && pid > 0 && !line.has(pid)) {
    line.add(pid);
    pid = parentOf(surroundings.read(`/proc/${pid}/stat`));
  }
  return line;
}

// The name in brackets may hold anything, see proc_pid_stat(5).
function parentOf(stat: string | undefined): number | undefined {
  const parent = /^. (\d+) /.exec(stat?.slice(stat.lastIndexOf(")") + 2) ?? "")?.[1];
  return parent === undefined ? undefined : parseCount(parent, "parent");
}
