/** What all charts of the page show in common: a range of time, a cursor, and a range that is being chosen. */
export class View {
  /** Where the time axis ends, in seconds; it begins at 0. */
  readonly end: number;
  readonly #least: number;
  readonly #onRange: (() => void)[] = [];
  readonly #onCursor: (() => void)[] = [];
  #from = 0;
  #to: number;
  #cursor: number | undefined;
  #selection: readonly [number, number] | undefined;

  /** `least`: the shortest range in seconds that it is worth to look at. */
  constructor(end: number, least: number) {
    this.end = end;
    this.#to = end;
    this.#least = Math.min(least, end);
  }

  get from(): number {
    return this.#from;
  }

  get to(): number {
    return this.#to;
  }

  get isWhole(): boolean {
    return this.#from === 0 && this.#to === this.end;
  }

  /** The time that is looked at; `undefined` while there is none. */
  get cursor(): number | undefined {
    return this.#cursor;
  }

  /** Two times between which a range is being chosen, in any order. */
  get selection(): readonly [number, number] | undefined {
    return this.#selection;
  }

  /** Calls back when the range has changed. */
  onRange(listener: () => void): void {
    this.#onRange.push(listener);
  }

  /** Calls back when the cursor or the selection has changed. */
  onCursor(listener: () => void): void {
    this.#onCursor.push(listener);
  }

  /** Shows a range, moved and widened to fit into the run and to be long enough. */
  show(from: number, to: number): void {
    const length = Math.min(this.end, Math.max(this.#least, to - from));
    const middle = (from + to) / 2;
    this.#from = Math.min(Math.max(0, middle - length / 2), this.end - length);
    this.#to = length === this.end ? this.end : this.#from + length;
    for (const listener of this.#onRange) listener();
  }

  /** Makes the range `factor` times as long; `at` stays where it is on the screen. */
  zoom(factor: number, at: number = this.#cursor ?? (this.#from + this.#to) / 2): void {
    const before = this.#to - this.#from;
    if (before === 0) return;
    const length = Math.min(this.end, Math.max(this.#least, before * factor));
    const share = (at - this.#from) / before;
    const from = at - share * length;
    this.show(from, from + length);
  }

  /** Moves the range by seconds, as far as there is something to see. */
  pan(seconds: number): void {
    const by = Math.min(Math.max(seconds, -this.#from), this.end - this.#to);
    this.show(this.#from + by, this.#to + by);
  }

  /** Shows everything. */
  reset(): void {
    this.show(0, this.end);
  }

  /** Moves the cursor, or takes it away. */
  point(at: number | undefined): void {
    this.#cursor = at === undefined ? undefined : Math.min(Math.max(at, 0), this.end);
    for (const listener of this.#onCursor) listener();
  }

  /** Marks a range that is being chosen, or takes the mark away. */
  select(selection: readonly [number, number] | undefined): void {
    this.#selection = selection;
    for (const listener of this.#onCursor) listener();
  }
}
