/**
 * The vocabulary: every number that resmon can record, with its unit, kind and help text. No other file spells a unit or a
 * help text; every sink, axis title and table is rendered from here.
 */

/** The base units. `""` is a plain count or ratio that carries no unit in its name. */
export type Unit =
  | ""
  | "bytes"
  | "seconds"
  | "percent"
  | "celsius"
  | "hertz"
  | "watts"
  | "joules"
  | "rpm"
  | "bytes_per_second"
  | "per_second";

/** `counter`: only grows, told as its increase. `gauge`: a level at one instant, or a rate between two. */
export type Kind = "gauge" | "counter";

/** What one metric means. */
export interface Metric {
  readonly unit: Unit;
  readonly kind: Kind;
  readonly help: string;
  /** The names of its labels, in the order in which a series spells them. */
  readonly labels?: readonly string[];
  /**
   * For a rate: the counter whose increase per real second this is, where no source tells it. Seconds per second are told in
   * percent.
   */
  readonly rateOf?: string;
  /** For a counter that few sources have: the gauge whose integral over real time it is elsewhere, of the same labels. */
  readonly integralOf?: string;
  /** For a counter: the step by which the kernel advances it. A rate spans at least ten of them. */
  readonly resolution?: number;
  /** For a rate: the counter's labels that are added up, with the label values that are left out of the sum. */
  readonly sumOver?: Readonly<Record<string, { readonly except: readonly string[] }>>;
  /** Whether only files of other systems tell it, and no machine. */
  readonly isForeign?: boolean;
  /** For a rate in percent: the label of the counter of which each value can give 100 at most. */
  readonly hundredPer?: string;
}

const ONE_CORE = "100 is one core fully busy, so 4 busy cores are 400";
// The kernel tells these times in ticks of 1/100 s, see proc_pid_stat(5).
const CLOCK_TICK = 0.01;
const IDLE = { except: ["idle", "iowait"] };
const ALL = { except: [] };

/** Every metric by name: `<subject>_<thing>_<unit>[_total]`. No prefix: the process tree of the command. */
export const METRICS = {
  cpu_seconds_total: {
    unit: "seconds",
    kind: "counter",
    help: "CPU time of the process tree, user and system, ended and reaped processes included",
  },
  cpu_user_seconds_total: {
    unit: "seconds",
    kind: "counter",
    help: "CPU time that the process tree spent in its own code",
    resolution: CLOCK_TICK,
  },
  cpu_system_seconds_total: {
    unit: "seconds",
    kind: "counter",
    help: "CPU time that the kernel spent on behalf of the process tree",
    resolution: CLOCK_TICK,
  },
  cpu_percent: {
    unit: "percent",
    kind: "gauge",
    help: `CPU use of the process tree; ${ONE_CORE}`,
    rateOf: "cpu_seconds_total",
  },
  cpu_user_percent: {
    unit: "percent",
    kind: "gauge",
    help: `CPU use of the process tree in its own code; ${ONE_CORE}`,
    rateOf: "cpu_user_seconds_total",
  },
  cpu_system_percent: {
    unit: "percent",
    kind: "gauge",
    help: `CPU use of the kernel on behalf of the process tree; ${ONE_CORE}`,
    rateOf: "cpu_system_seconds_total",
  },
  memory_rss_bytes: {
    unit: "bytes",
    kind: "gauge",
    help:
      "Resident memory, summed over the process tree: a page shared by several processes counts once for each of them",
  },
  memory_pss_bytes: {
    unit: "bytes",
    kind: "gauge",
    help:
      "Proportional memory of the process tree: a page shared by n processes counts 1/n for each, so the sum is true; " +
      "read as often as its cost allows, and less often the larger the tree",
  },
  memory_swap_bytes: { unit: "bytes", kind: "gauge", help: "Memory of the process tree that is swapped out" },
  memory_percent: {
    unit: "percent",
    kind: "gauge",
    help: "Resident memory of the process in percent of the machine's, where a file of another system tells no bytes",
    isForeign: true,
  },
  memory_peak_bytes: {
    unit: "bytes",
    kind: "gauge",
    help: "Largest resident memory that any single process of the tree has had so far (VmHWM), also between two ticks",
  },
  processes: { unit: "", kind: "gauge", help: "Processes in the tree, zombies not counted" },
  threads: { unit: "", kind: "gauge", help: "Threads in the process tree" },
  open_files: { unit: "", kind: "gauge", help: "Open file descriptors in the process tree" },
  storage_read_bytes_total: {
    unit: "bytes",
    kind: "counter",
    help: "Bytes that the process tree caused to be fetched from storage",
  },
  storage_write_bytes_total: {
    unit: "bytes",
    kind: "counter",
    help: "Bytes that the process tree caused to be sent to storage, counted when a page is dirtied",
  },
  syscall_read_bytes_total: {
    unit: "bytes",
    kind: "counter",
    help: "Bytes that the process tree read by system calls from files, pipes and terminals, cached or not",
  },
  syscall_write_bytes_total: {
    unit: "bytes",
    kind: "counter",
    help: "Bytes that the process tree wrote by system calls to files, pipes and terminals, cached or not",
  },
  storage_read_bytes_per_second: {
    unit: "bytes_per_second",
    kind: "gauge",
    help: "Rate at which the process tree has bytes fetched from storage",
    rateOf: "storage_read_bytes_total",
  },
  storage_write_bytes_per_second: {
    unit: "bytes_per_second",
    kind: "gauge",
    help: "Rate at which the process tree has bytes sent to storage",
    rateOf: "storage_write_bytes_total",
  },
  syscall_read_bytes_per_second: {
    unit: "bytes_per_second",
    kind: "gauge",
    help: "Rate at which the process tree reads by system calls",
    rateOf: "syscall_read_bytes_total",
  },
  syscall_write_bytes_per_second: {
    unit: "bytes_per_second",
    kind: "gauge",
    help: "Rate at which the process tree writes by system calls",
    rateOf: "syscall_write_bytes_total",
  },
  minor_faults_total: {
    unit: "",
    kind: "counter",
    help: "Page faults of the process tree that needed no read from storage",
  },
  major_faults_total: {
    unit: "",
    kind: "counter",
    help: "Page faults of the process tree that waited for a read from storage",
  },
  minor_faults_per_second: {
    unit: "per_second",
    kind: "gauge",
    help: "Minor page faults of the process tree in a second",
    rateOf: "minor_faults_total",
  },
  major_faults_per_second: {
    unit: "per_second",
    kind: "gauge",
    help: "Major page faults of the process tree in a second",
    rateOf: "major_faults_total",
  },
  voluntary_context_switches_total: {
    unit: "",
    kind: "counter",
    help:
      "Times a thread of the tree gave up its CPU to wait; sampled, so threads that lived between two ticks are missing",
  },
  involuntary_context_switches_total: {
    unit: "",
    kind: "counter",
    help:
      "Times a thread of the tree was taken off its CPU; sampled, so threads that lived between two ticks are missing",
  },
  voluntary_context_switches_per_second: {
    unit: "per_second",
    kind: "gauge",
    help: "Voluntary context switches of the process tree in a second",
    rateOf: "voluntary_context_switches_total",
  },
  involuntary_context_switches_per_second: {
    unit: "per_second",
    kind: "gauge",
    help: "Involuntary context switches of the process tree in a second",
    rateOf: "involuntary_context_switches_total",
  },

  system_cpu_seconds_total: {
    unit: "seconds",
    kind: "counter",
    help: "Time that each CPU of the machine spent in each mode; guest time is part of user and nice",
    labels: ["cpu", "mode"],
    resolution: CLOCK_TICK,
  },
  system_cpu_percent: {
    unit: "percent",
    kind: "gauge",
    help: `CPU use of the whole machine, neither idle nor waiting for I/O; ${ONE_CORE}`,
    rateOf: "system_cpu_seconds_total",
    sumOver: { cpu: ALL, mode: IDLE },
    hundredPer: "cpu",
  },
  system_cpu_core_percent: {
    unit: "percent",
    kind: "gauge",
    help: "Use of each CPU of the machine, neither idle nor waiting for I/O; 100 is fully busy",
    labels: ["cpu"],
    rateOf: "system_cpu_seconds_total",
    sumOver: { mode: IDLE },
    hundredPer: "cpu",
  },
  system_cpu_mode_percent: {
    unit: "percent",
    kind: "gauge",
    help: `Time of all CPUs of the machine in each mode; ${ONE_CORE}`,
    labels: ["mode"],
    rateOf: "system_cpu_seconds_total",
    sumOver: { cpu: ALL },
    hundredPer: "cpu",
  },
  system_cpu_frequency_hertz: {
    unit: "hertz",
    kind: "gauge",
    help: "Current clock of each CPU as the frequency governor tells it",
    labels: ["cpu"],
  },
  system_load1: { unit: "", kind: "gauge", help: "Running and uninterruptible tasks, mean over 1 minute" },
  system_load5: { unit: "", kind: "gauge", help: "Running and uninterruptible tasks, mean over 5 minutes" },
  system_load15: { unit: "", kind: "gauge", help: "Running and uninterruptible tasks, mean over 15 minutes" },
  system_processes_running: { unit: "", kind: "gauge", help: "Runnable tasks on the machine" },
  system_processes_blocked: { unit: "", kind: "gauge", help: "Tasks on the machine that wait for I/O" },
  system_forks_total: { unit: "", kind: "counter", help: "Processes and threads created on the machine" },
  system_context_switches_total: { unit: "", kind: "counter", help: "Context switches on the machine" },
  system_forks_per_second: {
    unit: "per_second",
    kind: "gauge",
    help: "Processes and threads created on the machine in a second",
    rateOf: "system_forks_total",
  },
  system_context_switches_per_second: {
    unit: "per_second",
    kind: "gauge",
    help: "Context switches on the machine in a second",
    rateOf: "system_context_switches_total",
  },
  system_memory_total_bytes: { unit: "bytes", kind: "gauge", help: "Memory of the machine" },
  system_memory_available_bytes: {
    unit: "bytes",
    kind: "gauge",
    help: "Memory that programs could still get without swapping, as the kernel estimates it",
  },
  system_memory_used_bytes: { unit: "bytes", kind: "gauge", help: "Memory of the machine that is not available" },
  system_memory_free_bytes: { unit: "bytes", kind: "gauge", help: "Memory that holds nothing at all" },
  system_memory_cached_bytes: {
    unit: "bytes",
    kind: "gauge",
    help: "Memory that holds cached file contents and buffers, shared memory included",
  },
  system_swap_total_bytes: { unit: "bytes", kind: "gauge", help: "Swap space of the machine" },
  system_swap_used_bytes: { unit: "bytes", kind: "gauge", help: "Swap space of the machine in use" },
  system_swap_in_bytes_total: { unit: "bytes", kind: "counter", help: "Bytes brought back from swap on the machine" },
  system_swap_out_bytes_total: { unit: "bytes", kind: "counter", help: "Bytes written to swap on the machine" },
  system_swap_in_bytes_per_second: {
    unit: "bytes_per_second",
    kind: "gauge",
    help: "Rate at which the machine brings memory back from swap",
    rateOf: "system_swap_in_bytes_total",
  },
  system_swap_out_bytes_per_second: {
    unit: "bytes_per_second",
    kind: "gauge",
    help: "Rate at which the machine writes memory to swap",
    rateOf: "system_swap_out_bytes_total",
  },
  system_pressure_seconds_total: {
    unit: "seconds",
    kind: "counter",
    help: "Time in which some or all (full) tasks of the machine stood still for want of the resource (PSI)",
    labels: ["resource", "kind"],
  },
  system_pressure_percent: {
    unit: "percent",
    kind: "gauge",
    help: "Share of time in which some or all (full) tasks of the machine stood still for want of the resource (PSI)",
    labels: ["resource", "kind"],
    rateOf: "system_pressure_seconds_total",
    hundredPer: "resource",
  },
  system_temperature_celsius: {
    unit: "celsius",
    kind: "gauge",
    help: "Temperature of each sensor",
    labels: ["sensor"],
  },

  disk_read_bytes_total: {
    unit: "bytes",
    kind: "counter",
    help: "Bytes read from each whole disk of the machine",
    labels: ["disk"],
  },
  disk_write_bytes_total: {
    unit: "bytes",
    kind: "counter",
    help: "Bytes written to each whole disk of the machine",
    labels: ["disk"],
  },
  disk_reads_total: { unit: "", kind: "counter", help: "Reads completed by each disk", labels: ["disk"] },
  disk_writes_total: { unit: "", kind: "counter", help: "Writes completed by each disk", labels: ["disk"] },
  disk_io_seconds_total: {
    unit: "seconds",
    kind: "counter",
    help: "Time in which each disk had at least one request in flight",
    labels: ["disk"],
    resolution: CLOCK_TICK,
  },
  disk_read_bytes_per_second: {
    unit: "bytes_per_second",
    kind: "gauge",
    help: "Read rate of each disk",
    labels: ["disk"],
    rateOf: "disk_read_bytes_total",
  },
  disk_write_bytes_per_second: {
    unit: "bytes_per_second",
    kind: "gauge",
    help: "Write rate of each disk",
    labels: ["disk"],
    rateOf: "disk_write_bytes_total",
  },
  disk_reads_per_second: {
    unit: "per_second",
    kind: "gauge",
    help: "Reads completed by each disk in a second",
    labels: ["disk"],
    rateOf: "disk_reads_total",
  },
  disk_writes_per_second: {
    unit: "per_second",
    kind: "gauge",
    help: "Writes completed by each disk in a second",
    labels: ["disk"],
    rateOf: "disk_writes_total",
  },
  disk_busy_percent: {
    unit: "percent",
    kind: "gauge",
    help:
      "Share of time in which each disk had a request in flight; 100 does not mean that a parallel disk is saturated",
    labels: ["disk"],
    rateOf: "disk_io_seconds_total",
    hundredPer: "disk",
  },

  network_receive_bytes_total: {
    unit: "bytes",
    kind: "counter",
    help: "Bytes received by each interface of resmon's network namespace, all programs together",
    labels: ["interface"],
  },
  network_transmit_bytes_total: {
    unit: "bytes",
    kind: "counter",
    help: "Bytes sent by each interface of resmon's network namespace, all programs together",
    labels: ["interface"],
  },
  network_receive_packets_total: {
    unit: "",
    kind: "counter",
    help: "Packets received by each interface",
    labels: ["interface"],
  },
  network_transmit_packets_total: {
    unit: "",
    kind: "counter",
    help: "Packets sent by each interface",
    labels: ["interface"],
  },
  network_errors_total: {
    unit: "",
    kind: "counter",
    help: "Packets that each interface received or sent with errors or dropped",
    labels: ["interface"],
  },
  network_receive_bytes_per_second: {
    unit: "bytes_per_second",
    kind: "gauge",
    help: "Receive rate of each interface, all programs together",
    labels: ["interface"],
    rateOf: "network_receive_bytes_total",
  },
  network_transmit_bytes_per_second: {
    unit: "bytes_per_second",
    kind: "gauge",
    help: "Send rate of each interface, all programs together",
    labels: ["interface"],
    rateOf: "network_transmit_bytes_total",
  },
  network_receive_packets_per_second: {
    unit: "per_second",
    kind: "gauge",
    help: "Packets received by each interface in a second",
    labels: ["interface"],
    rateOf: "network_receive_packets_total",
  },
  network_transmit_packets_per_second: {
    unit: "per_second",
    kind: "gauge",
    help: "Packets sent by each interface in a second",
    labels: ["interface"],
    rateOf: "network_transmit_packets_total",
  },
  network_errors_per_second: {
    unit: "per_second",
    kind: "gauge",
    help: "Packets with errors or dropped on each interface in a second",
    labels: ["interface"],
    rateOf: "network_errors_total",
  },

  cgroup_cpu_seconds_total: { unit: "seconds", kind: "counter", help: "CPU time of resmon's control group" },
  cgroup_cpu_percent: {
    unit: "percent",
    kind: "gauge",
    help: `CPU use of resmon's control group; ${ONE_CORE}`,
    rateOf: "cgroup_cpu_seconds_total",
  },
  cgroup_cpu_limit: { unit: "", kind: "gauge", help: "CPUs that the control group may use at most (its quota)" },
  cgroup_cpu_periods_total: { unit: "", kind: "counter", help: "Quota periods of the control group that have passed" },
  cgroup_cpu_throttled_periods_total: {
    unit: "",
    kind: "counter",
    help: "Quota periods in which the control group was throttled",
  },
  cgroup_cpu_throttled_seconds_total: {
    unit: "seconds",
    kind: "counter",
    help: "Time for which the CPUs of the control group were throttled, summed over CPUs",
  },
  cgroup_cpu_throttled_percent: {
    unit: "percent",
    kind: "gauge",
    help: "Share of time for which the control group was throttled, summed over CPUs",
    rateOf: "cgroup_cpu_throttled_seconds_total",
  },
  cgroup_memory_used_bytes: {
    unit: "bytes",
    kind: "gauge",
    help: "Memory charged to the control group, page cache included",
  },
  cgroup_memory_working_set_bytes: {
    unit: "bytes",
    kind: "gauge",
    help: "Memory charged to the control group without its inactive page cache",
  },
  cgroup_memory_peak_bytes: {
    unit: "bytes",
    kind: "gauge",
    help: "Largest memory ever charged to the control group, since it was made",
  },
  cgroup_memory_limit_bytes: { unit: "bytes", kind: "gauge", help: "Memory that the control group may use at most" },
  cgroup_swap_used_bytes: { unit: "bytes", kind: "gauge", help: "Swap space charged to the control group" },
  cgroup_oom_kills_total: {
    unit: "",
    kind: "counter",
    help: "Processes of the control group that were killed for want of memory",
  },
  cgroup_processes: { unit: "", kind: "gauge", help: "Processes and threads in the control group" },
  cgroup_processes_limit: {
    unit: "",
    kind: "gauge",
    help: "Processes and threads that the control group may have at most",
  },

  gpu_utilization_percent: {
    unit: "percent",
    kind: "gauge",
    help: "Share of time in which each GPU executed at least one kernel or draw call, all programs together",
    labels: ["gpu"],
  },
  gpu_memory_busy_percent: {
    unit: "percent",
    kind: "gauge",
    help: "Share of time in which the memory of each GPU was read or written; not how full it is",
    labels: ["gpu"],
  },
  gpu_encoder_percent: {
    unit: "percent",
    kind: "gauge",
    help: "Use of the video encoder of each GPU",
    labels: ["gpu"],
  },
  gpu_decoder_percent: {
    unit: "percent",
    kind: "gauge",
    help: "Use of the video decoder of each GPU",
    labels: ["gpu"],
  },
  gpu_memory_used_bytes: {
    unit: "bytes",
    kind: "gauge",
    help:
      "Memory of each GPU in use by all programs, without what the driver keeps for itself where it tells that apart",
    labels: ["gpu"],
  },
  gpu_memory_total_bytes: { unit: "bytes", kind: "gauge", help: "Memory of each GPU", labels: ["gpu"] },
  gpu_shared_memory_used_bytes: {
    unit: "bytes",
    kind: "gauge",
    help: "Memory of the machine that each GPU uses (GTT)",
    labels: ["gpu"],
  },
  gpu_shared_memory_total_bytes: {
    unit: "bytes",
    kind: "gauge",
    help: "Memory of the machine that each GPU may use (GTT)",
    labels: ["gpu"],
  },
  gpu_power_watts: {
    unit: "watts",
    kind: "gauge",
    help: "Power that each GPU draws, with its memory and board where the driver counts these",
    labels: ["gpu"],
    rateOf: "gpu_energy_joules_total",
  },
  gpu_power_limit_watts: { unit: "watts", kind: "gauge", help: "Power that each GPU may draw", labels: ["gpu"] },
  gpu_energy_joules_total: {
    unit: "joules",
    kind: "counter",
    help: "Energy that each GPU used: by its own counter, else its power integrated over time",
    labels: ["gpu"],
    integralOf: "gpu_power_watts",
  },
  gpu_temperature_celsius: {
    unit: "celsius",
    kind: "gauge",
    help: "Temperature of each GPU: of the chip (gpu), its hottest place (hotspot) or its memory",
    labels: ["gpu", "sensor"],
  },
  gpu_clock_hertz: {
    unit: "hertz",
    kind: "gauge",
    help: "Current clocks of each GPU: graphics, sm, memory, video",
    labels: ["gpu", "clock"],
  },
  gpu_fan_percent: {
    unit: "percent",
    kind: "gauge",
    help: "Intended speed of the fans of each GPU, 100 is the noise-tolerant maximum and can be exceeded",
    labels: ["gpu"],
  },
  gpu_fan_rpm: { unit: "rpm", kind: "gauge", help: "Speed of the fan of each GPU", labels: ["gpu"] },
  gpu_throttle: {
    unit: "",
    kind: "gauge",
    help: "1 while the clocks of each GPU are held down for this reason",
    labels: ["gpu", "state"],
  },
  gpu_pcie_receive_bytes_per_second: {
    unit: "bytes_per_second",
    kind: "gauge",
    help: "Traffic over PCIe to each GPU, a sample of 20 ms",
    labels: ["gpu"],
  },
  gpu_pcie_transmit_bytes_per_second: {
    unit: "bytes_per_second",
    kind: "gauge",
    help: "Traffic over PCIe from each GPU, a sample of 20 ms",
    labels: ["gpu"],
  },
  gpu_ecc_errors_total: {
    unit: "",
    kind: "counter",
    help: "Errors in the memory of each GPU since its driver was loaded: corrected, uncorrected",
    labels: ["gpu", "kind"],
  },
  process_gpu_memory_bytes: {
    unit: "bytes",
    kind: "gauge",
    help: "Memory of each GPU that the command's process tree uses",
    labels: ["gpu"],
  },
  process_gpu_shared_memory_bytes: {
    unit: "bytes",
    kind: "gauge",
    help: "Memory of the machine that the command's process tree uses through each GPU (GTT)",
    labels: ["gpu"],
  },
  process_gpu_utilization_percent: {
    unit: "percent",
    kind: "gauge",
    help: "Share of the compute units of each GPU that the command's process tree used, summed over its processes",
    labels: ["gpu"],
  },
  process_gpu_seconds_total: {
    unit: "seconds",
    kind: "counter",
    help:
      "Time that the engines of each GPU worked for the command's process tree, of several engines of a kind together; of one " +
      "process for all kinds (all)",
    labels: ["gpu", "engine"],
  },
  process_gpu_engine_percent: {
    unit: "percent",
    kind: "gauge",
    help: "Use of the engines of each GPU by the command's process tree; 100 is one engine fully busy",
    labels: ["gpu", "engine"],
    rateOf: "process_gpu_seconds_total",
  },

  neuron_core_utilization_percent: {
    unit: "percent",
    kind: "gauge",
    help: "Use of each NeuronCore, all programs together",
    labels: ["core"],
  },
  neuron_memory_used_bytes: {
    unit: "bytes",
    kind: "gauge",
    help: "Memory of the Neuron devices in use, all programs together",
  },
  neuron_core_memory_used_bytes: {
    unit: "bytes",
    kind: "gauge",
    help: "Memory of the Neuron devices in use by each NeuronCore, by what it holds",
    labels: ["core", "category"],
  },
  neuron_host_memory_used_bytes: {
    unit: "bytes",
    kind: "gauge",
    help: "Memory of the machine that Neuron runtimes use",
  },
  neuron_executions_total: {
    unit: "",
    kind: "counter",
    help: "Executions of models by their result",
    labels: ["result"],
  },
  neuron_executions_per_second: {
    unit: "per_second",
    kind: "gauge",
    help: "Executions of models in a second by their result",
    labels: ["result"],
    rateOf: "neuron_executions_total",
  },
  neuron_execution_errors_total: {
    unit: "",
    kind: "counter",
    help: "Errors of executions of models by their kind",
    labels: ["kind"],
  },
  neuron_execution_latency_seconds: {
    unit: "seconds",
    kind: "gauge",
    help:
      "Percentiles of the time that executions of models took, total and on the device; of several programs that of the slowest",
    labels: ["latency", "percentile"],
  },
  neuron_ecc_errors_total: {
    unit: "",
    kind: "counter",
    help: "Errors in the memory of each Neuron device: of its memory (mem) and of its cores (sram), corrected or not",
    labels: ["device", "kind"],
  },
  neuron_power_percent: {
    unit: "percent",
    kind: "gauge",
    help: "Power of each Neuron device, of the most that it may draw",
    labels: ["device"],
  },
  process_neuron_utilization_percent: {
    unit: "percent",
    kind: "gauge",
    help: "Use of NeuronCores by the command's process tree; 100 is one core fully busy",
  },
  process_neuron_memory_bytes: {
    unit: "bytes",
    kind: "gauge",
    help: "Memory of Neuron devices that the command's process tree uses",
  },

  power_watts: {
    unit: "watts",
    kind: "gauge",
    help:
      "Power by device and rail. Its scope says what it covers: machine, module (where several are, they add up to it), " +
      "package, device, or a rail that is part of another one",
    labels: ["device", "rail", "scope"],
    rateOf: "power_energy_joules_total",
  },
  power_energy_joules_total: {
    unit: "joules",
    kind: "counter",
    help: "Energy by device and rail: by a counter of the hardware, else the power integrated over time",
    labels: ["device", "rail", "scope"],
    integralOf: "power_watts",
  },
  power_limit_watts: {
    unit: "watts",
    kind: "gauge",
    help: "Power that the device may draw on each rail",
    labels: ["device", "rail", "scope"],
  },
  battery_charge_percent: {
    unit: "percent",
    kind: "gauge",
    help: "Charge of each battery",
    labels: ["battery"],
  },
  battery_discharging: {
    unit: "",
    kind: "gauge",
    help: "1 while the machine runs on this battery",
    labels: ["battery"],
  },
  system_fan_rpm: { unit: "rpm", kind: "gauge", help: "Speed of each fan of the machine", labels: ["fan"] },
  system_fan_percent: {
    unit: "percent",
    kind: "gauge",
    help: "Drive of each fan of the machine, 100 is the most",
    labels: ["fan"],
  },
  system_emc_utilization_percent: {
    unit: "percent",
    kind: "gauge",
    help: "Use of the bandwidth of the external memory controller (Jetson)",
  },
  system_emc_hertz: { unit: "hertz", kind: "gauge", help: "Clock of the external memory controller (Jetson)" },
  system_engine_hertz: {
    unit: "hertz",
    kind: "gauge",
    help: "Clock of each engine of the chip that is on, such as NVENC, NVDEC or APE (Jetson)",
    labels: ["engine"],
  },
  system_engine_utilization_percent: {
    unit: "percent",
    kind: "gauge",
    help: "Use of each engine of the chip that tells it, such as VIC (Jetson)",
    labels: ["engine"],
  },

  monitor_cpu_seconds_total: { unit: "seconds", kind: "counter", help: "CPU time of resmon itself and its helpers" },
  monitor_cpu_percent: {
    unit: "percent",
    kind: "gauge",
    help: `CPU use of resmon itself; ${ONE_CORE}`,
    rateOf: "monitor_cpu_seconds_total",
  },
  monitor_memory_rss_bytes: { unit: "bytes", kind: "gauge", help: "Resident memory of resmon itself and its helpers" },
  monitor_ticks_total: { unit: "", kind: "counter", help: "Ticks that resmon has taken before this one" },
  monitor_ticks_skipped_total: { unit: "", kind: "counter", help: "Ticks that resmon left out because it was late" },
  monitor_gaps_total: {
    unit: "",
    kind: "counter",
    help: "Readings of a source that failed and left a gap",
  },
  monitor_tick_seconds: { unit: "seconds", kind: "gauge", help: "Time that resmon's previous tick took" },
} as const satisfies Record<string, Metric>;

/** The name of a metric: a misspelt one does not compile. */
export type MetricName = keyof typeof METRICS;

/** Says whether `name` is in the vocabulary. */
export function isMetricName(name: string): name is MetricName {
  return Object.hasOwn(METRICS, name);
}

/** What the vocabulary says of `name`. */
export function describeMetric(name: MetricName): Metric {
  return METRICS[name];
}

/** Every name in the vocabulary, in its order. */
export const METRIC_NAMES = Object.keys(METRICS).filter(isMetricName);
