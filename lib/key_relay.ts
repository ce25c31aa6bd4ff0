import { SystemClock } from "./clock.ts";
import { DiskRoot } from "./disk_root.ts";
import { openPath, readSome, writeSome } from "./descriptors.ts";
import { libc } from "./ffi/libc.ts";
import { readTerminalPlace } from "./own_process.ts";

const O_NONBLOCK = 0o4000;
const FIONREAD = 0x541bn;
const LOOK_SECONDS = 0.05;

/**
 * Gives keys to programs that read them from stdout or stderr (pagers do), and so from the terminal in front of the real one:
 * those that lie unread in the real one between two looks, while a program has set the one in front to give single keys.
 */
export class KeyRelay {
  readonly #real: number;
  readonly #front: number;
  readonly #clock = new SystemClock();
  readonly #root = new DiskRoot();
  #unread = 0;
  #cancel: (() => void) | undefined;

  /** `front` is the master of the terminal in front. */
  constructor(real: number, front: number) {
    this.#real = openPath(`/proc/self/fd/${real}`, O_NONBLOCK);
    this.#front = front;
  }

  /** Looks for keys from now on, or no more. */
  set isOn(isOn: boolean) {
    if (isOn === (this.#cancel !== undefined)) return;
    this.#unread = 0;
    this.#cancel?.();
    this.#cancel = undefined;
    if (isOn) this.#schedule();
  }

  #schedule(): void {
    this.#cancel = this.#clock.at(this.#clock.now() + LOOK_SECONDS, () => {
      this.#look();
      this.#schedule();
    });
  }

  #look(): void {
    const before = this.#unread;
    this.#unread = this.#countUnread();
    if (this.#unread === 0 || this.#unread !== before || readTerminalPlace(this.#root) !== "foreground") return;
    const keys = new Uint8Array(this.#unread);
    const read = readSome(this.#real, keys);
    if (typeof read === "number") writeSome(this.#front, keys.subarray(0, read));
  }

  #countUnread(): number {
    const count = new Int32Array(1);
    return libc().ioctl(this.#real, FIONREAD, new Uint8Array(count.buffer)) === 0 ? count[0] ?? 0 : 0;
  }
}
