import { isGone, type Root } from "./root.ts";
import { type RunningTool, ToolError, type ToolHandlers, type Tools } from "./tools.ts";

/**
 * Where a fixture keeps what tools print: a file is called as the tool and its first arguments (`|` for `/`), its content is
 * stdout. resmon's own helpers are `resmon helper …`.
 */
export const TOOLS_FOLDER = "/.resmon/tools";

/**
 * The tools of a fixture: each prints what the fixture holds under its name and most of its arguments, and then runs on in
 * silence.
 */
export class ArchiveTools implements Tools {
  readonly pids: ReadonlySet<number> = new Set();
  readonly #root: Root;

  constructor(root: Root) {
    this.#root = root;
  }

  find(name: string, _folders?: readonly string[]): string | undefined {
    return this.#names().some((file) => file === name || file.startsWith(`${name} `)) ? `/usr/bin/${name}` : undefined;
  }

  start(words: readonly string[], handlers: ToolHandlers): RunningTool {
    const lines = this.#read(words).split("\n");
    if (lines.at(-1) === "") lines.pop();
    let isClosed = false;
    queueMicrotask(() => {
      for (const line of lines) if (!isClosed) handlers.line(line);
    });
    return {
      close: () => {
        isClosed = true;
        return Promise.resolve();
      },
    };
  }

  run(words: readonly string[], _seconds: number): Promise<string> {
    return Promise.resolve().then(() => this.#read(words));
  }

  #read([path = "", ...args]: readonly string[]): string {
    const name = nameOf(path);
    const words = [name, ...args.map((word) => word.replaceAll("/", "|"))];
    const known = new Set(this.#names());
    for (let count = words.length; count > 0; count--) {
      const file = words.slice(0, count).join(" ");
      if (known.has(file)) return this.#root.read(`${TOOLS_FOLDER}/${file}`);
    }
    throw new ToolError(name, "the fixture does not have it");
  }

  #names(): string[] {
    try {
      return this.#root.list(TOOLS_FOLDER);
    } catch (error) {
      if (isGone(error)) return [];
      throw error;
    }
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
