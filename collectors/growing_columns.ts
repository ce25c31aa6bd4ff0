/** The columns of a source that tells another set of series each time: those that were ever told, in that order. */
export class GrowingColumns {
  #series: readonly string[] = [];
  #known = new Set<string>();

  get series(): readonly string[] {
    return this.#series;
  }

  /** The values of a reading in the order of the columns; what it does not tell is a gap. */
  place(told: ReadonlyMap<string, number | null>): (number | null)[] {
    const news = [...told.keys()].filter((series) => !this.#known.has(series));
    if (news.length > 0) {
      this.#series = [...this.#series, ...news];
      this.#known = new Set(this.#series);
    }
    return this.#series.map((series) => told.get(series) ?? null);
  }
}
