const RUNTIME_METRICS = ["neuroncore_counters", "memory_used", "execution_stats", "neuron_runtime_vcpu_usage"];

/**
 * The file that tells `neuron-monitor` its period, without which it is 5 s. The program reads it as it starts, so it is there
 * only until the first report: nothing is left behind, however resmon ends.
 */
export class NeuronConfig {
  readonly #folder: string;
  readonly #text: string;

  /** Makes the file, for a period in whole seconds. Throws an error of Deno where there is no place for temporary files. */
  constructor(period: number) {
    this.#folder = Deno.makeTempDirSync({ prefix: "resmon-neuron-" });
    this.#text = JSON.stringify({
      period: `${period}s`,
      neuron_runtimes: [{ tag_filter: ".*", metrics: RUNTIME_METRICS.map((type) => ({ type })) }],
      system_metrics: [{ type: "neuron_hw_counters" }],
    });
    Deno.writeTextFileSync(this.path, this.#text);
  }

  get path(): string {
    return `${this.#folder}/neuron-monitor.json`;
  }

  /** Makes the file again, where it was removed: for another start of the program. */
  restore(): void {
    try {
      Deno.mkdirSync(this.#folder, { mode: 0o700 });
      Deno.writeTextFileSync(this.path, this.#text);
    } catch (error) {
      // It is still there; or there is no place for it any more, which the program itself will say.
      if (!(error instanceof Error)) throw error;
    }
  }

  remove(): void {
    try {
      Deno.removeSync(this.#folder, { recursive: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

/** Makes the file; undefined where there is no place for it. */
export function writeNeuronConfig(period: number): NeuronConfig | undefined {
  try {
    return new NeuronConfig(period);
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}
