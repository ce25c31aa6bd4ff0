import { check, openPath } from "./descriptors.ts";
import { libc } from "./ffi/libc.ts";
import { KeyRelay } from "./key_relay.ts";
import { signalNumber } from "./signals.ts";
import {
  addsReturns,
  copySize,
  givesKeys,
  type Modes,
  modesInFront,
  readModes,
  withChange,
  writeModes,
} from "./terminal_modes.ts";

const O_RDWR = 0o2;
const O_NONBLOCK = 0o4000;
const TIOCPKT = 0x5420n;
const ON = new Uint8Array(new Int32Array([1]).buffer);
const PATH_BYTES = 64;

/**
 * A terminal for the command's output that stands before the real one: of the same size, with the same modes, see pty(7). It
 * is not the command's controlling terminal: keys, signals and job control stay with the real one, and the command lives on when
 * resmon dies. What a program changes of its modes (those that use ncurses do) is changed of the real one. With a session of its
 * own, as script(1) makes one, Ctrl-Z, jobs in the background, Ctrl-C of loops in shells, the modes of the real terminal and the life
 * of the command would all depend on resmon.
 */
export class PseudoTerminal {
  /** Where resmon reads; each reading begins with a byte that {@linkcode notice} takes. */
  readonly master: number;
  /** What the command writes to. */
  readonly slave: number;
  readonly #real: number;
  readonly #keys: KeyRelay;
  #modes: Modes;

  /** Stands before the terminal of a descriptor. Throws Error. */
  constructor(real: number) {
    this.#real = real;
    this.master = check(openPath("/dev/ptmx", O_RDWR | O_NONBLOCK), "open a pseudo-terminal");
    check(libc().unlockpt(this.master), "unlock a pseudo-terminal");
    this.#keys = new KeyRelay(real, this.master);
    this.slave = check(openPath(slavePath(this.master), O_RDWR), "open a pseudo-terminal");
    const modes = readModes(real);
    if (modes === undefined) throw new Error("Cannot read the modes of the terminal");
    this.#modes = modesInFront(modes);
    writeModes(this.slave, this.#modes);
    copySize(real, this.master);
    check(libc().ioctl(this.master, TIOCPKT, ON), "watch a pseudo-terminal");
  }

  /** Whether it has written every line feed as carriage return and line feed. */
  get addsReturns(): boolean {
    return addsReturns(this.#modes);
  }

  /** Takes the first byte of a reading, and says whether data follow it. */
  notice(status: number): boolean {
    if (status === 0) return true;
    this.passModesOn();
    return false;
  }

  /** Changes of the real terminal what a program has changed of this one. */
  passModesOn(): void {
    const now = readModes(this.master);
    const real = readModes(this.#real);
    if (now === undefined || real === undefined) return;
    const changed = withChange(real, this.#modes, now);
    if (differs(changed, real)) writeModes(this.#real, changed);
    this.#modes = modesInFront(now);
    this.#keys.isOn = givesKeys(now);
    // A program that puts all modes in order turns the notices of its changes off.
    if (differs(this.#modes, now)) writeModes(this.master, this.#modes);
  }

  /** Nothing more will be written: the last changes of modes are passed on, and no keys any more. */
  end(): void {
    this.passModesOn();
    this.#keys.isOn = false;
  }

  /** Takes the size of the real terminal over, and tells those in its foreground, who may have looked too early. */
  followSize(): void {
    if (!copySize(this.#real, this.master)) return;
    // Where the real one is no controlling terminal either, but such a one as this: resmon's own group.
    const group = libc().tcgetpgrp(this.#real);
    libc().kill(group > 0 ? -group : 0, signalNumber("SIGWINCH"));
  }
}

function differs(some: Modes, others: Modes): boolean {
  return some.some((byte, at) => byte !== others[at]);
}

function slavePath(master: number): string {
  const path = new Uint8Array(PATH_BYTES);
  if (libc().ptsname_r(master, path, BigInt(PATH_BYTES)) !== 0) {
    throw new Error("Cannot find a pseudo-terminal in /dev/pts");
  }
  return new TextDecoder().decode(path.subarray(0, path.indexOf(0)));
}
