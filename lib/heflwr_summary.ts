import { inThousandths, percentOf, railsOf } from "./heflwr.ts";
import type { Summary } from "./summary.ts";

/** What `summary()` of heflwr's monitors gives; null where it is not known, which is 0 there. */
export interface HeflwrSummary {
  /** Percent; 100 is one core. */
  readonly avg_cpu_usage: number | null;
  /** Percent of the machine's memory. */
  readonly avg_memory_usage: number | null;
  /** Bytes of the whole machine. */
  readonly total_network_bytes_sent: number | null;
  readonly total_network_bytes_recv: number | null;
  /** Millijoules. */
  readonly total_power_vdd_in: number | null;
  readonly total_power_vdd_cpu_gpu_cv: number | null;
  readonly total_power_vdd_soc: number | null;
}

/** Tells a run in heflwr's seven numbers: means over time, and energy over real time. */
export function heflwrSummary({ metrics, machine }: Pick<Summary, "metrics" | "machine">): HeflwrSummary {
  const totals = Object.entries(metrics).flatMap(([series, { total }]): [string, number][] =>
    total === undefined ? [] : [[series, total]]
  );
  const rails = railsOf(totals, "power_energy_joules_total");
  const memory = percentOf(metrics["memory_rss_bytes"]?.mean, machine.memory_bytes);
  return {
    avg_cpu_usage: metrics["cpu_percent"]?.mean ?? null,
    avg_memory_usage: memory ?? metrics["memory_percent"]?.mean ?? null,
    total_network_bytes_sent: sumOf(totals, "network_transmit_bytes_total{"),
    total_network_bytes_recv: sumOf(totals, "network_receive_bytes_total{"),
    total_power_vdd_in: inThousandths(rails.vddIn) ?? null,
    total_power_vdd_cpu_gpu_cv: inThousandths(rails.vddCpuGpuCv) ?? null,
    total_power_vdd_soc: inThousandths(rails.vddSoc) ?? null,
  };
}

function sumOf(totals: readonly (readonly [series: string, total: number])[], prefix: string): number | null {
  const amounts = totals.filter(([series]) => series.startsWith(prefix)).map(([, total]) => total);
  return amounts.length === 0 ? null : amounts.reduce((sum, amount) => sum + amount, 0);
}
