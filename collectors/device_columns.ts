/**
 * The columns of a collector whose devices come and go (CPUs, disks, interfaces): a block of series for each device, after
 * those of the whole machine. They are spelt again, into a new array, only when the devices have changed.
 */
export class DeviceColumns {
  readonly #shared: readonly string[];
  readonly #spell: (device: string) => readonly string[];
  #devices: readonly string[] = [];
  #series: readonly string[];

  constructor(spell: (device: string) => readonly string[], shared: readonly string[] = []) {
    this.#spell = spell;
    this.#shared = shared;
    this.#series = shared;
  }

  get series(): readonly string[] {
    return this.#series;
  }

  /** Takes the devices of this reading, in their order. */
  update(devices: readonly string[]): void {
    if (devices.length === this.#devices.length && devices.every((id, index) => id === this.#devices[index])) return;
    this.#devices = devices;
    this.#series = [...this.#shared, ...devices.flatMap((device) => this.#spell(device))];
  }
}
