import { type Collector, type Environment, type Reading, Unavailable } from "../lib/contracts.ts";
import type { MetricName } from "../lib/metrics.ts";
import { parseCount, splitLines } from "../lib/parse.ts";
import type { Root } from "../lib/root.ts";
import { formatSeries } from "../lib/series.ts";
import { openWhole, orGap } from "../lib/availability.ts";
import { DeviceColumns } from "./device_columns.ts";
import { KeptFile } from "./kept_file.ts";

const HEADER_LINES = 2;

/** One interface of `/proc/net/dev`: counters since it was made. */
export interface InterfaceCounters {
  readonly name: string;
  readonly receiveBytes: number;
  readonly transmitBytes: number;
  readonly receivePackets: number;
  readonly transmitPackets: number;
  /** Packets with errors or dropped, both ways. */
  readonly errors: number;
}

/** Parses `/proc/net/dev`, see proc_pid_net(5). A name may hold colons and may touch its first number. Throws SyntaxError. */
export function parseNetDev(text: string): InterfaceCounters[] {
  return splitLines(text, "/proc/net/dev").slice(HEADER_LINES).map(parseInterface);
}

function parseInterface(line: string): InterfaceCounters {
  const colon = line.lastIndexOf(":");
  const name = line.slice(0, Math.max(colon, 0)).trim();
  const fields = line.slice(colon + 1).trim().split(/ +/);
  function column(number: number): number {
    return parseCount(fields[number - 1], `column ${number} of ${name} in /proc/net/dev`);
  }
  return {
    name,
    receiveBytes: column(1),
    receivePackets: column(2),
    transmitBytes: column(9),
    transmitPackets: column(10),
    errors: column(3) + column(4) + column(11) + column(12),
  };
}

/** Parses `/proc/net/route`, see proc_pid_net(5), into the interfaces of the IPv4 default routes. Throws SyntaxError. */
export function parseDefaultRoutes(text: string): Set<string> {
  const routes = splitLines(text, "/proc/net/route").map((line) => line.split(/\s+/));
  return new Set(
    routes.filter(([, to, , , , , , mask]) => to === "00000000" && mask === "00000000").map(([name = ""]) => name),
  );
}

/**
 * Chooses the interfaces that a user means by "the network": those with hardware behind them and those of a default route.
 * What is left out, such as docker0 and veth pairs of a host, carries traffic that one of these carries as well, or that never
 * leaves the machine. Where there is neither, as in some containers, all but `lo` are taken.
 */
export function chooseInterfaces(root: Root, names: readonly string[]): Set<string> {
  const routes = orGap(() => parseDefaultRoutes(root.read("/proc/net/route")));
  const chosen = names.filter((name) => routes?.has(name) === true || hasHardware(root, name));
  return new Set(chosen.length > 0 ? chosen : names.filter((name) => name !== "lo"));
}

function hasHardware(root: Root, name: string): boolean {
  return orGap(() => root.readLink(`/sys/class/net/${name}/device`)) !== null;
}

const METRICS = [
  "network_receive_bytes_total",
  "network_transmit_bytes_total",
  "network_receive_packets_total",
  "network_transmit_packets_total",
  "network_errors_total",
] as const satisfies readonly MetricName[];

/**
 * Traffic of the interfaces of resmon's network namespace, all programs together, from `/proc/net/dev`. Never `lo`; which
 * others, says {@linkcode chooseInterfaces}. A bond and its members both count.
 */
export class NetworkCollector implements Collector {
  readonly name = "network";
  readonly metrics = METRICS;
  readonly sources = ["/proc/net/dev"];
  readonly #netDev = new KeptFile("/proc/net/dev", (text) => this.#parse(text));
  readonly #columns = new DeviceColumns((name) => METRICS.map((metric) => formatSeries(metric, { interface: name })));
  #root: Root | undefined;
  #names = "";
  #chosen: ReadonlySet<string> = new Set();

  get series(): readonly string[] {
    return this.#columns.series;
  }

  open({ root }: Environment): void {
    this.#root = root;
    openWhole(this, () => {
      if (this.#netDev.open(root).length > 0) return;
      throw new Unavailable("absent", "Cannot find a network interface: /proc/net/dev has only lo");
    });
  }

  collect(): Reading {
    const values = this.#netDev.read().flatMap((each) => [
      each.receiveBytes,
      each.transmitBytes,
      each.receivePackets,
      each.transmitPackets,
      each.errors,
    ]);
    return { values };
  }

  close(): void {
    this.#netDev.close();
  }

  #parse(text: string): InterfaceCounters[] {
    const all = parseNetDev(text);
    const names = all.map(({ name }) => name);
    if (this.#root !== undefined && names.join(" ") !== this.#names) {
      this.#chosen = chooseInterfaces(this.#root, names);
      this.#names = names.join(" ");
    }
    const found = all.filter(({ name }) => this.#chosen.has(name));
    this.#columns.update(found.map(({ name }) => name));
    return found;
  }
}
