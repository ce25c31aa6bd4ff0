import { errnoCode } from "./ffi/errno.ts";
import { libc } from "./ffi/libc.ts";
import { IS_DEBUGGER_SIGNAL_BLOCKED } from "./python_launcher.ts";
import { decodeText } from "./root.ts";
import { signalNumber, signalSet } from "./signals.ts";

const POSIX_SPAWN_SETSIGDEF = 0x04;
const POSIX_SPAWN_SETSIGMASK = 0x08;
const SIG_BLOCK = 0;
const SPAWNATTR_BYTES = 336;
const FILE_ACTIONS_BYTES = 80;
const THREAD_SIGNALS = [32, 33];
const ENOENT = 2;
const E2BIG = 7;
const ENOEXEC = 8;
const EAGAIN = 11;
const ENOMEM = 12;

/** A command that could not be started, with the exit status that `env` and `timeout` would give: 125, 126 or 127. */
export class SpawnError extends Error {
  override readonly name = "SpawnError";
  readonly exitCode: 125 | 126 | 127;

  constructor(message: string, exitCode: 125 | 126 | 127) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What else a program is started with. */
export interface SpawnOptions {
  /** The numbers of the signals that resmon was given ignored. */
  readonly ignored: readonly number[];
  readonly redirects: Redirects;
}

/** What the command is to have in place of resmon's own descriptors: which one becomes which. */
export type Redirects = readonly { readonly from: number; readonly to: number }[];

/**
 * Starts a program in resmon's own process group and gives its pid: posix_spawnp(3), with the environment, descriptors,
 * signal mask and ignored signals that resmon itself was given, byte for byte. A script without `#!` is run by /bin/sh, as a
 * shell would.
 *
 * @param argv The program and its arguments, without NUL bytes.
 */
export function spawn(argv: readonly Uint8Array<ArrayBuffer>[], options: SpawnOptions): number {
  const program = argv[0];
  if (program === undefined || program.length === 0) {
    throw new SpawnError("Cannot run the command: its name is empty", 127);
  }
  const result = spawnOnce(argv, options);
  if (result.errno === 0) return result.pid;
  if (result.errno !== ENOEXEC) throw spawnError(program, result.errno);
  const path = findProgram(program);
  if (path === undefined || isBinary(path)) throw spawnError(program, ENOEXEC);
  const shell = [encode("/bin/sh"), encode(path), ...argv.slice(1)];
  const again = spawnOnce(shell, options);
  if (again.errno === 0) return again.pid;
  throw spawnError(program, again.errno);
}

function spawnOnce(
  argv: readonly Uint8Array<ArrayBuffer>[],
  { ignored, redirects }: SpawnOptions,
): { pid: number; errno: number } {
  const pid = new Int32Array(1);
  const vector = argumentVector(argv);
  const attributes = defaultSignals(ignored);
  const actions = fileActions(redirects);
  const environment = new Deno.UnsafePointerView(pointerOf(libc().environ)).getPointer();
  const errno = libc().posix_spawnp(
    new Uint8Array(pid.buffer),
    vector.block,
    actions,
    attributes,
    new Uint8Array(vector.pointers.buffer),
    environment,
  );
  libc().posix_spawnattr_destroy(attributes);
  libc().posix_spawn_file_actions_destroy(actions);
  return { pid: pid[0] ?? 0, errno };
}

function fileActions(redirects: Redirects): Uint8Array<ArrayBuffer> {
  const actions = new Uint8Array(FILE_ACTIONS_BYTES);
  libc().posix_spawn_file_actions_init(actions);
  for (const { from, to } of redirects) libc().posix_spawn_file_actions_adddup2(actions, from, to);
  return actions;
}

// The strings stand in one block, the program's name first: as the argument that names the program, it lives until the call is
// over, and so does what the pointers point to.
function argumentVector(argv: readonly Uint8Array<ArrayBuffer>[]): {
  block: Uint8Array<ArrayBuffer>;
  pointers: BigUint64Array<ArrayBuffer>;
} {
  const block = new Uint8Array(argv.reduce((sum, bytes) => sum + bytes.length + 1, 0));
  const base = Deno.UnsafePointer.value(Deno.UnsafePointer.of(block));
  const pointers = new BigUint64Array(argv.length + 1);
  let offset = 0;
  for (const [index, bytes] of argv.entries()) {
    block.set(bytes, offset);
    pointers[index] = base + BigInt(offset);
    offset += bytes.length + 1;
  }
  return { block, pointers };
}

// The runtime ignores SIGPIPE before our first line; every other ignored signal was ignored by whoever started us. glibc makes
// the command ignore the signals of its own threads, which sigaddset(3) refuses, unless they are named here.
function defaultSignals(ignored: readonly number[]): Uint8Array<ArrayBuffer> {
  const attributes = new Uint8Array(SPAWNATTR_BYTES);
  libc().posix_spawnattr_init(attributes);
  const areThreadSignalsIgnored = THREAD_SIGNALS.some((number) => ignored.includes(number));
  const reset = [signalNumber("SIGPIPE"), ...(areThreadSignalsIgnored ? [] : THREAD_SIGNALS)];
  libc().posix_spawnattr_setsigdefault(attributes, signalSet(reset));
  const mask = givenMask();
  if (mask !== undefined) libc().posix_spawnattr_setsigmask(attributes, mask);
  libc().posix_spawnattr_setflags(
    attributes,
    POSIX_SPAWN_SETSIGDEF | (mask === undefined ? 0 : POSIX_SPAWN_SETSIGMASK),
  );
  return attributes;
}

/** The blocked signals that the launcher was given, where it has blocked one more; else they are handed on as they are. */
function givenMask(): Uint8Array<ArrayBuffer> | undefined {
  if (!IS_DEBUGGER_SIGNAL_BLOCKED) return undefined;
  const mask = signalSet([]);
  libc().sigprocmask(SIG_BLOCK, null, mask);
  const blocked = signalSet([signalNumber("SIGUSR1")]);
  return mask.map((byte, index) => byte & ~(blocked[index] ?? 0));
}

function spawnError(program: Uint8Array, errno: number): SpawnError {
  const name = decodeText(program);
  const shown = JSON.stringify(name);
  if (errno === ENOENT) return notFound(program, name);
  if (errno === EAGAIN || errno === ENOMEM) {
    return new SpawnError(`Cannot start ${shown}: ${errnoCode(errno).text}; see ulimit -u and the pids limit`, 125);
  }
  if (errno === E2BIG) return new SpawnError(`Cannot run ${shown}: its arguments and environment are too long`, 126);
  return new SpawnError(`Cannot run ${shown}: ${errnoCode(errno).text}`, 126);
}

function notFound(program: Uint8Array, name: string): SpawnError {
  const shown = JSON.stringify(name);
  const path = findProgram(program);
  if (path !== undefined) return new SpawnError(`Cannot run ${shown}: the interpreter that it names is not there`, 127);
  if (name.includes("/")) return new SpawnError(`Cannot run ${shown}: no such file`, 127);
  return new SpawnError(`Cannot run ${shown}: not found in PATH`, 127);
}

/** The file that a program's name stands for: itself with a slash, else the first executable one in PATH. */
function findProgram(program: Uint8Array): string | undefined {
  const name = new TextDecoder().decode(program);
  if (name.includes("/")) return isFile(name) ? name : undefined;
  const folders = (Deno.env.get("PATH") ?? "/bin:/usr/bin").split(":");
  return folders.map((folder) => `${folder === "" ? "." : folder}/${name}`).find(isFile);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) return false;
    if (error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

// A shell refuses a file with NUL in its first line instead of running it as a script.
function isBinary(path: string): boolean {
  using file = Deno.openSync(path);
  const head = new Uint8Array(128);
  const length = file.readSync(head) ?? 0;
  const line = head.subarray(0, length);
  const end = line.indexOf(10);
  return line.subarray(0, end < 0 ? length : end).includes(0);
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function pointerOf(value: Deno.PointerValue): Deno.PointerObject {
  if (value === null) throw new Error("Cannot read the environment: environ has no address");
  return value;
}
