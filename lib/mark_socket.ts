import type { Clock } from "./clock.ts";
import { type MarkLine, parseMark } from "./mark.ts";
import type { MarkIntake } from "./mark_intake.ts";
import { MarkLines } from "./mark_lines.ts";

// A connection is given more where it sends much at once: a thousand of them have little to say most of the time.
const BLOCK_BYTES = 4096;
const LARGE_BLOCK_BYTES = 65536;
const RETRY_SECONDS = 0.1;
const DRAIN_SECONDS = 1;
const TURN_SECONDS = 0.005;
const QUIET_TURNS = 3;

/** What a socket for marks is connected to. */
export interface MarkSocketOptions {
  readonly intake: MarkIntake;
  readonly clock: Clock;
  /** How many programs are read at once; more wait in the queue of the socket: collectors need descriptors too. */
  readonly maxConnections: number;
}

/**
 * The socket to which programs send their marks, a JSON object a line; nothing is ever sent back. Where files have owners it is
 * a Unix socket that only its user may open, elsewhere a port of this machine with a token.
 */
export class MarkSocket {
  /** What programs find in `RESMON_ADDR`. */
  readonly address: string;
  readonly #options: MarkSocketOptions;
  readonly #connect: () => Promise<Deno.Conn>;
  readonly #listener: Deno.Listener;
  readonly #token: string | undefined;
  readonly #open = new Set<Deno.Conn>();
  readonly #lastOfAll = crypto.randomUUID();
  readonly #reachedLast = Promise.withResolvers<true>();
  #oneEnded = Promise.withResolvers<void>();
  // So many blocks, and starts and ends of connections.
  #reads = 0;
  #isClosed = false;

  /** Listens at a path, which must not be there. Throws what the system throws. */
  static listenAt(path: string, options: MarkSocketOptions): MarkSocket {
    const umask = Deno.umask(0o177);
    try {
      const listener = Deno.listen({ transport: "unix", path });
      return new MarkSocket(`unix:${path}`, listener, {
        ...options,
        connect: () => Deno.connect({ transport: "unix", path }),
      });
    } finally {
      Deno.umask(umask);
    }
  }

  /** Listens on a port of this machine, for those who know the token that the address holds. */
  static listenWithToken(options: MarkSocketOptions): MarkSocket {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const token = crypto.getRandomValues(new Uint8Array(24)).toHex();
    return new MarkSocket(`tcp:127.0.0.1:${port}/${token}`, listener, {
      ...options,
      token,
      connect: () => Deno.connect({ hostname: "127.0.0.1", port }),
    });
  }

  private constructor(
    address: string,
    listener: Deno.Listener,
    { token, connect, ...options }: MarkSocketOptions & {
      readonly token?: string;
      readonly connect: () => Promise<Deno.Conn>;
    },
  ) {
    this.address = address;
    this.#listener = listener;
    this.#options = options;
    this.#token = token;
    this.#connect = connect;
    this.#accept().catch((error: unknown) => options.intake.drop(`may be missing: ${error}`));
  }

  /**
   * Waits, for a second at most, until everything that has been sent is read: for as long as connections are open and something
   * comes, because a daemon of the command may keep its own.
   */
  async drain(): Promise<void> {
    const { clock } = this.#options;
    const deadline = clock.now() + DRAIN_SECONDS;
    const areAccepted = await Promise.race([this.#reachLast(), this.#sleep(DRAIN_SECONDS)]) === true;
    // The runtime reads some hundred connections in a turn, and a busy machine has long turns: no time by the clock is quiet.
    for (let quiet = 0; quiet < QUIET_TURNS && clock.now() < deadline;) {
      if (areAccepted && this.#open.size === 0) return;
      const before = this.#reads;
      await this.#sleep(TURN_SECONDS);
      quiet = this.#reads === before ? quiet + 1 : 0;
    }
  }

  /** Closes the socket and every connection. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener.close();
    for (const connection of this.#open) connection.close();
  }

  // Connections are accepted in the order in which they were made: when one of our own is, so are all before it.
  async #reachLast(): Promise<boolean> {
    try {
      using connection = await this.#connect();
      if (this.#token !== undefined) await sendLine(connection, { kind: "hello", token: this.#token });
      await sendLine(connection, { kind: "hello", token: this.#lastOfAll });
      // Where as many programs as may be are being read, it is not accepted.
      return await Promise.race([this.#reachedLast.promise, this.#sleep(DRAIN_SECONDS)]) === true;
    } catch (error) {
      // The socket was removed, or something else stands in its place: nobody can have connected since.
      if (!(error instanceof Error)) throw error;
      return false;
    }
  }

  async #accept(): Promise<void> {
    while (!this.#isClosed) {
      try {
        await this.#untilRoom();
        this.#read(await this.#listener.accept());
      } catch (error) {
        if (this.#isClosed) return;
        // Such as no more descriptors: those who wait are served when there are some again.
        if (!(error instanceof Error)) throw error;
        await this.#sleep(RETRY_SECONDS);
      }
    }
  }

  async #untilRoom(): Promise<void> {
    while (this.#open.size >= this.#options.maxConnections && !this.#isClosed) {
      this.#oneEnded = Promise.withResolvers();
      await this.#oneEnded.promise;
    }
  }

  async #read(connection: Deno.Conn): Promise<void> {
    this.#open.add(connection);
    this.#reads++;
    const lines = this.#linesOf(connection);
    let block = new Uint8Array(BLOCK_BYTES);
    try {
      for (let length = await connection.read(block); length !== null; length = await connection.read(block)) {
        this.#reads++;
        lines.push(block.subarray(0, length));
        if (length === BLOCK_BYTES) block = new Uint8Array(LARGE_BLOCK_BYTES);
      }
    } catch (error) {
      if (!isEndOfConnection(error)) throw error;
    } finally {
      lines.end();
      this.#drop(connection);
    }
  }

  #drop(connection: Deno.Conn): void {
    this.#reads++;
    if (this.#open.delete(connection) && !this.#isClosed) connection.close();
    this.#oneEnded.resolve();
  }

  #linesOf(connection: Deno.Conn): MarkLines {
    const { intake } = this.#options;
    // Over TCP the first line tells whether the others count.
    let isAdmitted = this.#token === undefined ? true : undefined;
    const admit = (line: MarkLine): boolean => {
      isAdmitted ??= line.kind === "hello" && isSame(line.token, this.#token ?? "");
      if (!isAdmitted) this.#drop(connection);
      else if (line.kind === "hello" && isSame(line.token, this.#lastOfAll)) this.#reachLastOf(connection);
      return isAdmitted;
    };
    return new MarkLines({ intake, source: "socket", parse: parseMark, admit });
  }

  // It is our own, and nothing to wait for.
  #reachLastOf(connection: Deno.Conn): void {
    this.#drop(connection);
    this.#reachedLast.resolve(true);
  }

  #sleep(seconds: number): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve) => clock.at(clock.now() + seconds, resolve));
  }
}

async function sendLine(connection: Deno.Conn, line: MarkLine): Promise<void> {
  const bytes = new TextEncoder().encode(`${JSON.stringify(line)}\n`);
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
}

// Every character is looked at, so that the time does not tell how many are right.
function isSame(told: string, secret: string): boolean {
  if (told.length !== secret.length) return false;
  let difference = 0;
  for (let at = 0; at < secret.length; at++) difference |= told.charCodeAt(at) ^ secret.charCodeAt(at);
  return difference === 0;
}

function isEndOfConnection(error: unknown): boolean {
  const { BadResource, BrokenPipe, ConnectionAborted, ConnectionReset, Interrupted } = Deno.errors;
  return [BadResource, BrokenPipe, ConnectionAborted, ConnectionReset, Interrupted].some((kind) =>
    error instanceof kind
  );
}
