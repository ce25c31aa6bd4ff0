/** The folders in which a program finds the socket and the file for its marks. */

// sun_path of unix(7) has 108 bytes, the names of the files in the folder included.
const MAX_FOLDER_BYTES = 90;

/** Where a user's own files for the time of a session may stand. */
export interface MarkHome {
  readonly uid: number | null;
  /** `XDG_RUNTIME_DIR`: private to the user, and gone with the session. */
  readonly runtime?: string;
  /** `XDG_STATE_HOME`, else `.local/state` of the user's home. */
  readonly state?: string;
  readonly host: string;
}

/** The places of the user that resmon runs as, by the variables of an environment. */
export function markHomeOf(getVariable: (name: string) => string | undefined): MarkHome {
  const [runtime, state, home] = ["XDG_RUNTIME_DIR", "XDG_STATE_HOME", "HOME"].map((name) =>
    getVariable(name) || undefined
  );
  return {
    uid: Deno.uid(),
    ...(runtime === undefined ? {} : { runtime }),
    ...(state !== undefined ? { state } : home !== undefined ? { state: `${home}/.local/state` } : {}),
    host: Deno.hostname(),
  };
}

/**
 * Makes the private folder of a run, of mode 0700, under a name that nobody can foresee: in the user's runtime folder, else in
 * a temporary one. Throws what the system throws.
 */
export function makeRunFolder({ runtime, uid }: MarkHome, pid: number): string {
  const parent = runtime === undefined ? undefined : privateFolder({ path: `${runtime}/resmon`, uid });
  const path = `${parent}/run-${pid}-${crypto.randomUUID().slice(0, 8)}`;
  if (parent !== undefined && fits(path)) {
    Deno.mkdirSync(path, { mode: 0o700 });
    return path;
  }
  const temporary = Deno.makeTempDirSync({ prefix: "resmon-" });
  if (fits(temporary)) return temporary;
  Deno.removeSync(temporary);
  return Deno.makeTempDirSync({ prefix: "resmon-", dir: "/tmp" });
}

/**
 * Makes the folder of an attachment, where a process of the same user finds it by its pid: only within a folder that nobody
 * else may use, for its name can be foreseen. Undefined where there is none.
 */
export function makeAttachmentFolder(
  home: MarkHome,
  pids: { readonly target: number; readonly own: number },
): string | undefined {
  for (const { place, mayMakeParents } of attachmentPlaces(home)) {
    const parent = privateFolder({ path: place, uid: home.uid, mayMakeParents });
    const path = `${parent}/attach-${pids.target}-${pids.own}`;
    if (parent === undefined || !fits(path)) continue;
    // Of an earlier process with this pid, which was killed.
    if (exists(path)) Deno.removeSync(path, { recursive: true });
    Deno.mkdirSync(path, { mode: 0o700 });
    return path;
  }
  return undefined;
}

/** Where clients look for the attachments to their own processes, in this order. */
export function attachmentPlaces({ uid, runtime, state, host }: MarkHome): AttachmentPlace[] {
  return [
    ...(runtime === undefined ? [] : [{ place: `${runtime}/resmon`, mayMakeParents: false }]),
    ...(uid === null ? [] : [{ place: `/run/user/${uid}/resmon`, mayMakeParents: false }]),
    ...(state === undefined ? [] : [{ place: `${state}/resmon/${host}`, mayMakeParents: true }]),
  ];
}

/** A folder that may hold attachments. */
export interface AttachmentPlace {
  readonly place: string;
  /** Whether the folders that it stands in are made with it. */
  readonly mayMakeParents: boolean;
}

/** Removes folders whose resmon was killed: nobody listens in them any more. */
export async function removeDeadFolders(home: MarkHome): Promise<void> {
  for (const { place } of attachmentPlaces(home)) {
    if (!isPrivate(place, home.uid)) continue;
    for await (const { name } of Deno.readDir(place)) {
      const path = `${place}/${name}`;
      const isOurs = /^(?:run|attach)-\d+-/.test(name);
      if (isOurs && await isDead(`${path}/socket`)) await removeFolder(path);
    }
  }
}

async function removeFolder(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    // Another run has just removed it, or it holds what may not be removed.
    if (!(error instanceof Error)) throw error;
  }
}

// One that is being made has no socket yet.
async function isDead(path: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return false;
  } catch (error) {
    if (error instanceof Error) return error instanceof Deno.errors.ConnectionRefused;
    throw error;
  }
}

/** A folder that is its user's own and of nobody else's use; undefined where there is none and none can be made. */
function privateFolder(
  { path, uid, mayMakeParents = false }: {
    readonly path: string;
    readonly uid: number | null;
    readonly mayMakeParents?: boolean;
  },
): string | undefined {
  try {
    if (!exists(path)) Deno.mkdirSync(path, { mode: 0o700, recursive: mayMakeParents });
  } catch (error) {
    // No such parent, or no right to write there: the next place will do.
    if (error instanceof Error) return undefined;
    throw error;
  }
  return isPrivate(path, uid) ? path : undefined;
}

function isPrivate(path: string, uid: number | null): boolean {
  if (!exists(path)) return false;
  const { isDirectory, mode, uid: owner } = Deno.lstatSync(path);
  return isDirectory && (uid === null || (owner === uid && ((mode ?? 0) & 0o077) === 0));
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

function fits(path: string): boolean {
  return new TextEncoder().encode(path).length <= MAX_FOLDER_BYTES;
}
