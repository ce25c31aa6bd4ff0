import { MarkFile } from "./mark_file.ts";
import { MarkSocket, type MarkSocketOptions } from "./mark_socket.ts";
import { PLATFORM } from "./platform.ts";

/** The two ways in for marks, in a private folder: a socket for programs and a file for shells. */
export class MarkListener {
  /** What is put into the environment of the command. */
  readonly variables: Readonly<Record<"RESMON_ADDR" | "RESMON_MARKS", string>>;
  readonly #folder: string;
  readonly #socket: MarkSocket;
  readonly #file: MarkFile;

  /** Opens both in a folder that is there, and is removed by {@linkcode close}. Throws what the system throws. */
  constructor(folder: string, options: MarkSocketOptions) {
    this.#folder = folder;
    try {
      this.#file = new MarkFile(`${folder}/marks`, options.intake);
      this.#socket = openSocket(folder, options);
    } catch (error) {
      removeFolder(folder);
      throw error;
    }
    this.variables = { RESMON_ADDR: this.#socket.address, RESMON_MARKS: `${folder}/marks` };
  }

  /** Reads what has been appended to the file where the system does not tell of it: once a tick. */
  readUnfollowed(): void {
    if (!this.#file.isFollowed) this.#file.read();
  }

  /** Reads everything that has been sent so far. */
  async drain(): Promise<void> {
    this.#file.read();
    await this.#socket.drain();
  }

  /** Closes both and removes the folder. */
  close(): void {
    this.#socket.close();
    this.#file.close();
    removeFolder(this.#folder);
  }
}

function removeFolder(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    // Somebody else removed it, or the command has put something there that may not be removed.
    if (!(error instanceof Error)) throw error;
  }
}

// Windows has no owner for a socket in a folder; the address is told by a file there.
function openSocket(folder: string, options: MarkSocketOptions): MarkSocket {
  if (PLATFORM !== "windows") return MarkSocket.listenAt(`${folder}/socket`, options);
  const socket = MarkSocket.listenWithToken(options);
  Deno.writeTextFileSync(`${folder}/address`, socket.address, { mode: 0o600 });
  return socket;
}
