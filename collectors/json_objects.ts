const MAX_CHARACTERS = 2 ** 22;

/**
 * Cuts the lines of a program into JSON objects, by the depth of their braces: of tools that print an object over many lines,
 * or a list that never ends and in which commas may be missing. What stands outside of objects, such as a warning, is left out.
 */
export class JsonObjects {
  #text = "";
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  /** Takes a line and gives the texts of the objects that end in it. Throws SyntaxError for one that is too long. */
  push(line: string): string[] {
    const objects: string[] = [];
    // The object before has ended here, or the one that began in an earlier line goes on.
    let start = 0;
    for (let at = 0; at < line.length; at++) {
      const before = this.#depth;
      this.#step(line.charAt(at));
      if (before === 0 && this.#depth === 1) start = at;
      if (before !== 1 || this.#depth !== 0) continue;
      objects.push(this.#text + line.slice(start, at + 1));
      this.#text = "";
    }
    if (this.#depth > 0) this.#keep(`${line.slice(start)}\n`);
    return objects;
  }

  /** Forgets an object that has begun. */
  reset(): void {
    this.#text = "";
    this.#depth = 0;
    this.#isInString = false;
    this.#isEscaped = false;
  }

  #step(character: string): void {
    if (this.#isInString) return this.#stepInString(character);
    if (character === "{") this.#depth++;
    else if (this.#depth === 0) return;
    else if (character === "}") this.#depth--;
    else if (character === '"') this.#isInString = true;
  }

  #stepInString(character: string): void {
    if (!this.#isEscaped && character === '"') this.#isInString = false;
    this.#isEscaped = !this.#isEscaped && character === "\\";
  }

  #keep(text: string): void {
    this.#text += text;
    if (this.#text.length <= MAX_CHARACTERS) return;
    this.reset();
    throw new SyntaxError("Cannot parse JSON: an object of more than 4 MiB");
  }
}
