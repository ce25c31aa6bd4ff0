import type { Collector } from "../lib/contracts.ts";
import type { MetricName } from "../lib/metrics.ts";
import { parseCount } from "../lib/parse.ts";
import { formatSeries } from "../lib/series.ts";
import type { SeriesValues } from "./latest.ts";
import { PolledCollector } from "./polled_collector.ts";

const METRICS = [
  "network_receive_bytes_total",
  "network_transmit_bytes_total",
  "network_receive_packets_total",
  "network_transmit_packets_total",
  "network_errors_total",
] as const satisfies readonly MetricName[];

// The loopback; tunnels, bridges and virtual machines' networks, whose traffic goes through another interface once more; and
// interfaces that the system keeps for itself.
const NOT_AN_INTERFACE = /^(?:lo|gif|stf|utun|ipsec|bridge|vmnet|vmenet|feth|awdl|llw|anpi|ap|p2p|XHC|VHC|pktap)\d/;

/** One interface of netstat(1): counters since boot. */
export interface LinkCounters {
  readonly name: string;
  readonly receiveBytes: number;
  readonly transmitBytes: number;
  readonly receivePackets: number;
  readonly transmitPackets: number;
  readonly errors: number;
}

/**
 * Parses `netstat -ibn` of BSD and macOS: the rows of links (`<Link#5>`) alone, for the other rows of an interface repeat its
 * numbers or hold `-`. The address of a link may be missing, so columns are counted from the right. Throws SyntaxError.
 */
export function parseNetstat(text: string): LinkCounters[] {
  const [header = "", ...rows] = text.trimEnd().split("\n");
  const columns = header.trim().split(/ +/);
  return rows.filter((row) => row.includes(" <Link#")).map((row) => parseLink(row, columns));
}

function parseLink(row: string, columns: readonly string[]): LinkCounters {
  const fields = row.trim().split(/ +/);
  // Down.
  const name = fields[0]?.replace(/\*$/, "") ?? "";
  function column(title: string): number {
    const index = columns.indexOf(title);
    if (index < 0) throw new SyntaxError(`Cannot parse netstat: it has no column ${title}`);
    return parseCount(fields.at(index - columns.length), `${title} of ${name} in netstat`);
  }
  return {
    name,
    receiveBytes: column("Ibytes"),
    transmitBytes: column("Obytes"),
    receivePackets: column("Ipkts"),
    transmitPackets: column("Opkts"),
    errors: column("Ierrs") + column("Oerrs"),
  };
}

/** Traffic of the interfaces of a Mac, from netstat(1). */
export function createNetworkCollector(): Collector {
  return new PolledCollector({
    name: "network",
    metrics: METRICS,
    commands: [["netstat", "-ibn"]],
    period: 1,
    read: ([text = ""]) => readLinks(parseNetstat(text)),
  });
}

function readLinks(links: readonly LinkCounters[]): SeriesValues {
  const values = new Map<string, number>();
  for (const link of links.filter(({ name }) => !NOT_AN_INTERFACE.test(name))) {
    const counters = [link.receiveBytes, link.transmitBytes, link.receivePackets, link.transmitPackets, link.errors];
    for (const [index, metric] of METRICS.entries()) {
      values.set(formatSeries(metric, { interface: link.name }), counters[index] ?? NaN);
    }
  }
  if (values.size === 0) throw new SyntaxError("Cannot parse netstat: it tells of no network interface");
  return values;
}
