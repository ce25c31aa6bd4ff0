/** The series of a stream of frames, numbered: new ones are appended, so that a number holds for the whole stream. */
export class SeriesList {
  readonly #names: string[] = [];
  readonly #numbers = new Map<string, number>();
  // Copying is faster than filling.
  readonly #noValues: number[] = [];

  /** In the order of their numbers. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** The number of a series; `undefined` for one that is not in the list. */
  find(name: string): number | undefined {
    return this.#numbers.get(name);
  }

  /** The number of a series, which is appended where it is new. */
  add(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.#names.length);
    this.#noValues.push(NaN);
    return this.#names.push(name) - 1;
  }

  /** As many values as there are series, all unknown. */
  noValues(): number[] {
    return this.#noValues.slice();
  }
}

/**
 * Values by series, at one instant. A map would hash every name in every tick: who reads all of them does so by number, from
 * `values`.
 */
export class Samples {
  readonly list: SeriesList;
  /** By the numbers of the list; `NaN` where there is no value, and shorter than the list where it has grown since. */
  readonly values: readonly number[];

  constructor(list: SeriesList, values: readonly number[]) {
    this.list = list;
    this.values = values;
  }

  /** The value of a series; `undefined` where there is none. */
  get(name: string): number | undefined {
    const number = this.list.find(name);
    const value = number === undefined ? undefined : this.values[number];
    return Number.isNaN(value) ? undefined : value;
  }

  /** The series that have a value, each with it. */
  *[Symbol.iterator](): Generator<readonly [name: string, value: number]> {
    const { names } = this.list;
    for (const [number, value] of this.values.entries()) {
      if (!Number.isNaN(value)) yield [names[number] ?? "", value];
    }
  }
}
