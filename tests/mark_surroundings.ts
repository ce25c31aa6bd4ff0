import type { MarkAddress, MarkConnection, MarkSurroundings } from "../lib/mark_surroundings.ts";

/** What a fake machine holds, and how resmon behaves there. */
export interface FakeMachine {
  readonly pid?: number;
  readonly parent?: number;
  readonly variables?: Readonly<Record<string, string>>;
  /** Texts by path; a folder holds the names that stand below it. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Surroundings of marks in memory, where resmon can be slow, full, or not there. */
export class FakeSurroundings implements MarkSurroundings {
  readonly pid: number;
  readonly parent: number;
  readonly thread = undefined;
  readonly user = 1000;
  readonly host = "here";
  /** The texts that came over the socket, each as it was written. */
  readonly written: string[] = [];
  readonly appended = new Map<string, string>();
  readonly addresses: MarkAddress[] = [];
  /** Nobody listens. */
  isAway = false;
  /** Nobody reads. */
  isFull = false;
  looked = 0;
  #machine: FakeMachine;
  #end: () => void = () => undefined;
  #refuse: (error: Error) => void = () => undefined;

  constructor(machine: FakeMachine) {
    this.#machine = machine;
    this.pid = machine.pid ?? 100;
    this.parent = machine.parent ?? 1;
  }

  newId(): string {
    return "0".repeat(32);
  }

  variable(name: string): string | undefined {
    return this.#machine.variables?.[name];
  }

  read(path: string): string | undefined {
    return this.#machine.files?.[path];
  }

  list(folder: string): readonly string[] {
    this.looked++;
    const below = Object.keys(this.#machine.files ?? {}).filter((path) => path.startsWith(`${folder}/`));
    return [...new Set(below.map((path) => path.slice(folder.length + 1).split("/")[0] ?? ""))];
  }

  append(path: string, text: string): void {
    this.appended.set(path, `${this.appended.get(path) ?? ""}${text}`);
  }

  connect(address: MarkAddress): Promise<MarkConnection> {
    this.addresses.push(address);
    if (this.isAway) return Promise.reject(new Error("refused"));
    return Promise.resolve({ write: (text) => this.#write(text), close: () => this.#refuse(new Error("closed")) });
  }

  atEnd(action: () => void): void {
    this.#end = action;
  }

  /** The program ends. */
  end(): void {
    this.#end();
  }

  /** What came over the socket, line by line. */
  get lines(): Readonly<Record<string, unknown>>[] {
    return this.written.join("").split("\n").slice(0, -1).map((line) => JSON.parse(line));
  }

  #write(text: string): Promise<void> {
    if (this.isAway) return Promise.reject(new Error("broken pipe"));
    this.written.push(text);
    if (!this.isFull) return Promise.resolve();
    return new Promise((_resolve, reject) => this.#refuse = reject);
  }
}
