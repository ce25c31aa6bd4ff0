import { type Collector, type Environment, type Reading, Unavailable } from "../lib/contracts.ts";
import { parseCount, parseCountFile, splitLines } from "../lib/parse.ts";
import type { Root } from "../lib/root.ts";
import { formatSeries } from "../lib/series.ts";
import { openWhole, orGap } from "../lib/availability.ts";
import { KeptFile } from "./kept_file.ts";
import { affordablePeriod, measureCost } from "./pace.ts";

const FOLDER = "/sys/devices/system/cpu/cpufreq";
const ONLINE = "/sys/devices/system/cpu/online";
const REMEDY = "Virtual machines have no frequency governor; on hardware load its driver, such as acpi-cpufreq";
const UNKNOWN = "<unknown>\n";

/** One frequency domain: CPUs that always have the same clock. */
interface Policy {
  readonly cpus: readonly string[];
  readonly clock: KeptFile<number | null>;
}

/** Parses `scaling_cur_freq`, in kHz, into Hz; null where the driver does not know. Throws SyntaxError. */
export function parseScalingFrequency(text: string): number | null {
  return text === UNKNOWN ? null : parseCountFile(text, "scaling_cur_freq") * 1000;
}

/** Parses `affected_cpus`: the numbers of the online CPUs of a policy, separated by blanks. Throws SyntaxError. */
export function parseAffectedCpus(text: string): string[] {
  const ids = (splitLines(text, "affected_cpus")[0] ?? "").split(" ").filter((id) => id !== "");
  return ids.map((id) => String(parseCount(id, "affected_cpus")));
}

/**
 * The clock of each CPU as its frequency governor tells it, from `/sys/devices/system/cpu/cpufreq/policy<N>` of the kernel's
 * cpufreq documentation. CPUs of one policy share one read. Virtual machines usually have none.
 */
export class CpuFrequencyCollector implements Collector {
  readonly name = "cpu_frequency";
  readonly metrics = ["system_cpu_frequency_hertz"] as const;
  readonly sources = ["/sys/devices/system/cpu/cpu*/cpufreq/scaling_cur_freq"];
  series: readonly string[] = [];
  period?: number;
  readonly #online = new KeptFile(ONLINE, (text) => text);
  #onlineText = "";
  #policies: readonly Policy[] = [];
  #root: Root | undefined;

  open({ root, interval }: Environment): void {
    this.#root = root;
    openWhole(this, () => {
      this.#onlineText = this.#online.open(root);
      this.#find(root);
      if (this.#policies.length === 0) throw new Unavailable("absent", `Cannot find a policy in ${FOLDER}`, REMEDY);
      const period = affordablePeriod(measureCost(() => this.collect()), interval);
      if (period !== undefined) this.period = period;
    }, REMEDY);
  }

  collect(): Reading {
    const online = this.#online.read();
    if (online !== this.#onlineText && this.#root !== undefined) {
      this.#onlineText = "";
      this.#find(this.#root);
      this.#onlineText = online;
    }
    return { values: this.#policies.flatMap(readPolicy) };
  }

  close(): void {
    this.#online.close();
    this.#closePolicies();
  }

  #find(root: Root): void {
    this.#closePolicies();
    this.#policies = openPolicies(root);
    const cpus = this.#policies.flatMap((policy) => policy.cpus);
    this.series = cpus.map((cpu) => formatSeries("system_cpu_frequency_hertz", { cpu }));
  }

  #closePolicies(): void {
    for (const { clock } of this.#policies) clock.close();
    this.#policies = [];
    this.series = [];
  }
}

function openPolicies(root: Root): Policy[] {
  const names = root.list(FOLDER).filter((name) => /^policy\d+$/.test(name));
  const numbered = names.map((name) => ({ name, number: parseCount(name.slice("policy".length), name) }));
  return numbered.sort((a, b) => a.number - b.number)
    .map(({ name }) => openPolicy(root, `${FOLDER}/${name}`))
    .filter((policy) => policy !== null);
}

// A policy whose CPUs are all offline has no clock: its files are empty or answer EBUSY or ENODEV.
function openPolicy(root: Root, folder: string): Policy | null {
  return orGap(() => {
    const cpus = parseAffectedCpus(root.read(`${folder}/affected_cpus`));
    const clock = new KeptFile(`${folder}/scaling_cur_freq`, parseScalingFrequency);
    clock.open(root);
    return { cpus, clock };
  });
}

function readPolicy({ cpus, clock }: Policy): (number | null)[] {
  const hertz = orGap(() => clock.read());
  return cpus.map(() => hertz);
}
