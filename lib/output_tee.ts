import { SystemClock } from "./clock.ts";
import { identityOf, openPipe } from "./descriptors.ts";
import { libc } from "./ffi/libc.ts";
import type { OutputListener, OutputName } from "./launcher.ts";
import { OutputChannel } from "./output_channel.ts";
import { OutputTarget } from "./output_target.ts";
import { PseudoTerminal } from "./pseudo_terminal.ts";
import type { Redirects } from "./spawn.ts";

const STDOUT = 1;
const STDERR = 2;
// For so long a process that the command has left running may go on to write.
const GRACE_SECONDS = 0.5;

/** An output of resmon, and the descriptors that stand for it. */
export interface OwnOutput {
  readonly name: OutputName;
  readonly descriptors: readonly number[];
}

/** The outputs that resmon was given. What is written to one thing keeps its order. */
export function ownOutputs(): readonly OwnOutput[] {
  if (identityOf(STDOUT) === identityOf(STDERR)) return [{ name: "output", descriptors: [STDOUT, STDERR] }];
  return [{ name: "stdout", descriptors: [STDOUT] }, { name: "stderr", descriptors: [STDERR] }];
}

/**
 * What the command's output passes through: a terminal of its own where resmon's is a terminal (see {@linkcode PseudoTerminal}),
 * else a pipe.
 */
export class OutputTee {
  /** What the command gets in place of resmon's own descriptors. */
  readonly redirects: Redirects;
  readonly #listener: OutputListener;
  readonly #commandEnds: number[] = [];
  readonly #terminals: PseudoTerminal[] = [];
  readonly #channels: { readonly name: OutputName; readonly channel: OutputChannel }[] = [];

  /** To be made before the command is started: each output takes a thread. Throws Error. */
  constructor(listener: OutputListener) {
    this.#listener = listener;
    this.redirects = ownOutputs().flatMap((output) => this.#open(output));
  }

  /** Leaves the ends that the command writes to to the command. */
  closeCommandEnds(): void {
    for (const descriptor of this.#commandEnds.splice(0)) libc().close(descriptor);
  }

  /** The window has changed. */
  followSize(): void {
    for (const terminal of this.#terminals) terminal.followSize();
  }

  /** Passes on now what is there. */
  pump(): void {
    for (const { channel } of this.#channels) channel.pumpNow();
  }

  /** See `WrappedCommand.finishOutput`. */
  async finish(): Promise<readonly OutputName[]> {
    for (const { channel } of this.#channels) channel.takeRest();
    const ended = Promise.all(this.#channels.map(({ channel }) => channel.ended));
    await Promise.race([ended, grace()]);
    const open = this.#channels.filter(({ channel }) => channel.isOpen);
    for (const { channel } of open) channel.stop();
    await ended;
    return open.map(({ name }) => name);
  }

  #open({ name, descriptors }: OwnOutput): Redirects {
    const target = new OutputTarget(descriptors[0] ?? STDOUT);
    if (this.#listener.onlyTerminals && !target.isTerminal) {
      target.close();
      return [];
    }
    const terminal = target.isTerminal ? new PseudoTerminal(descriptors[0] ?? STDOUT) : undefined;
    const ends = terminal === undefined ? openPipe() : { reading: terminal.master, writing: terminal.slave };
    if (terminal !== undefined) this.#terminals.push(terminal);
    this.#commandEnds.push(ends.writing);
    const channel = new OutputChannel({
      source: ends.reading,
      terminal,
      target,
      onBytes: (bytes) => this.#listener.onBytes(name, bytes),
      onFailure: (reason) => this.#listener.onFailure(name, reason),
    });
    this.#channels.push({ name, channel });
    return descriptors.map((to) => ({ from: ends.writing, to }));
  }
}

function grace(): Promise<void> {
  const clock = new SystemClock();
  return new Promise((resolve) => void clock.at(clock.now() + GRACE_SECONDS, resolve));
}
