/** Where marks are sent to: a Unix socket, or a port of this machine with a token. */
export type MarkAddress =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number; readonly token: string };

/** A connection to a resmon. It keeps no program alive. */
export interface MarkConnection {
  /** Resolves when the text is handed over to the system, which tries it at once. Rejects where nobody reads it any more. */
  write(text: string): Promise<void>;
  close(): void;
}

/**
 * What a sender of marks needs of the runtime that it lives in. Only `connect` fails; what is not there, or not permitted, is
 * undefined or empty, and nobody is asked for a permission.
 */
export interface MarkSurroundings {
  readonly pid: number;
  readonly parent: number;
  /** The kernel's id of this thread, where it is known. */
  readonly thread: number | undefined;
  readonly user: number | undefined;
  readonly host: string | undefined;
  /** A random id, of 32 hexadecimal digits. */
  newId(): string;
  /** A variable of the environment. */
  variable(name: string): string | undefined;
  read(path: string): string | undefined;
  /** The names in a folder. */
  list(folder: string): readonly string[];
  /** Appends to a file that is there, at once. */
  append(path: string, text: string): void;
  connect(address: MarkAddress): Promise<MarkConnection>;
  /** Calls back when the program ends, whose event loop has stopped by then. */
  atEnd(action: () => void): void;
}
