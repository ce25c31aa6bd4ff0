import type { Collector, Environment, Reading } from "../lib/contracts.ts";
import { parseDecimal, splitLines } from "../lib/parse.ts";
import { openWhole } from "../lib/availability.ts";
import { KeptFile } from "./kept_file.ts";

/** Parses the means over 1, 5 and 15 minutes in `/proc/loadavg`, see proc_loadavg(5). Throws SyntaxError. */
export function parseLoadavg(text: string): readonly [number, number, number] {
  const [one, five, fifteen] = (splitLines(text, "/proc/loadavg")[0] ?? "").split(" ");
  return [
    parseDecimal(one, "first mean of /proc/loadavg"),
    parseDecimal(five, "second mean of /proc/loadavg"),
    parseDecimal(fifteen, "third mean of /proc/loadavg"),
  ];
}

/** The load of the machine, from `/proc/loadavg`. */
export class LoadCollector implements Collector {
  readonly name = "load";
  readonly metrics = ["system_load1", "system_load5", "system_load15"] as const;
  readonly sources = ["/proc/loadavg"];
  readonly series = this.metrics;
  readonly #loadavg = new KeptFile("/proc/loadavg", parseLoadavg);

  open({ root }: Environment): void {
    openWhole(this, () => this.#loadavg.open(root));
  }

  collect(): Reading {
    return { values: this.#loadavg.read() };
  }

  close(): void {
    this.#loadavg.close();
  }
}
