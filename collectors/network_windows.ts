import type { Collector } from "../lib/contracts.ts";
import type { MetricName } from "../lib/metrics.ts";
import { formatSeries } from "../lib/series.ts";
import { CimCollector } from "./cim_collector_windows.ts";
import type { CimRow } from "./cim_rows_windows.ts";
import type { SeriesValues } from "./latest.ts";

// Raw counters: totals since boot, for all that their names say.
const PROPERTIES = {
  network_receive_bytes_total: ["BytesReceivedPersec"],
  network_transmit_bytes_total: ["BytesSentPersec"],
  network_receive_packets_total: ["PacketsReceivedPersec"],
  network_transmit_packets_total: ["PacketsSentPersec"],
  network_errors_total: [
    "PacketsReceivedErrors",
    "PacketsReceivedDiscarded",
    "PacketsOutboundErrors",
    "PacketsOutboundDiscarded",
  ],
} as const satisfies Partial<Record<MetricName, readonly string[]>>;

const METRICS = [
  "network_receive_bytes_total",
  "network_transmit_bytes_total",
  "network_receive_packets_total",
  "network_transmit_packets_total",
  "network_errors_total",
] as const;

// Tunnels, whose traffic goes through another interface once more.
const TUNNEL = /^(?:isatap|Teredo|6to4|Loopback)/i;

/** Traffic of the network interfaces of a Windows machine. */
export function createNetworkCollector(): Collector {
  return new CimCollector({
    name: "network",
    metrics: METRICS,
    parts: ["interfaces"],
    read: ({ interfaces }) => readInterfaces(interfaces),
  });
}

function readInterfaces(rows: readonly CimRow[]): SeriesValues {
  const values = new Map<string, number | null>();
  for (const row of rows) {
    const name = row.text("Name");
    if (name === undefined || TUNNEL.test(name)) continue;
    for (const metric of METRICS) values.set(formatSeries(metric, { interface: name }), sum(row, PROPERTIES[metric]));
  }
  if (values.size === 0) throw new SyntaxError("Cannot read network interfaces of CIM: there is none");
  return values;
}

function sum(row: CimRow, properties: readonly string[]): number | null {
  return properties.reduce<number | null>((total, property) => {
    const count = row.count(property);
    return total === null || count === null ? null : total + count;
  }, 0);
}
