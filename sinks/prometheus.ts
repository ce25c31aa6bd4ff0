import type { FrameSink } from "../lib/contracts.ts";
import type { Frame } from "../lib/frame.ts";
import { HEFLWR_NAMES, type HeflwrPart, type HeflwrSample, HeflwrSampler } from "../lib/heflwr.ts";
import type { Event, ResmonRecord, SessionRecord } from "../lib/records.ts";
import { LatestSamples } from "./latest_samples.ts";
import { OpenMarks } from "./open_marks.ts";
import { markFamilies } from "./prometheus_marks.ts";
import {
  CONTENT_TYPES,
  type ExpositionFormat,
  familiesOf,
  type Family,
  renderExposition,
  runFamily,
} from "./prometheus_text.ts";

/** Where metrics are served, and how. */
export interface PrometheusOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Whose gauges to serve in place of resmon's own metrics. */
  readonly compat?: readonly HeflwrPart[] | undefined;
}

// An answer that is in the system's hands arrives without resmon; a reader that is slower than that has to do without it.
const SHUTDOWN_MS = 100;

// Names that a browser on this machine uses for this machine: a foreign page that was made to resolve to it has another one.
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\]|::1)$/;

/** Serves the latest numbers to servers of Prometheus, at `/metrics`, for as long as the run goes on. */
export class PrometheusSink implements FrameSink {
  readonly name = "prometheus";
  /** Where it is. */
  readonly url: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #isLocal: boolean;
  readonly #source: MetricSource;
  readonly #rendered = new Map<ExpositionFormat, string>();

  private constructor(
    listen: (handler: Deno.ServeHandler) => Deno.HttpServer<Deno.NetAddr>,
    options: PrometheusOptions,
  ) {
    this.#isLocal = LOOPBACK.test(options.host);
    this.#source = options.compat === undefined ? new NativeMetrics() : new HeflwrGauges(options.compat);
    this.#server = listen((request) => this.#answer(request));
    // It lives as long as the run, and never makes the run longer.
    this.#server.unref();
    this.url = `http://${spellHost(options.host)}:${this.#server.addr.port}/metrics`;
  }

  /** Listens. Throws Error where that address cannot be had. */
  static open(options: PrometheusOptions): PrometheusSink {
    const { host, port } = options;
    try {
      const listen = (handler: Deno.ServeHandler): Deno.HttpServer<Deno.NetAddr> =>
        Deno.serve({ hostname: host, port, onListen: () => undefined, onError: serverError }, handler);
      return new PrometheusSink(listen, options);
    } catch (error) {
      throw new Error(`Cannot serve metrics at ${spellHost(host)}:${port}: ${describeListenError(error)}`, {
        cause: error,
      });
    }
  }

  record(record: ResmonRecord): void {
    this.#source.record(record);
  }

  frame(frame: Frame): void {
    this.#source.frame(frame);
    this.#rendered.clear();
  }

  event(event: Event): void {
    this.#source.event?.(event);
  }
  status(): void {}
  end(): void {}

  async close(): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, SHUTDOWN_MS);
    await Promise.race([this.#server.shutdown(), late]);
    clearTimeout(timer);
  }

  #answer(request: Request): Response {
    const { hostname, pathname } = new URL(request.url);
    if (this.#isLocal && !LOOPBACK.test(hostname)) {
      return new Response(`Ask for it as localhost, not as ${hostname}\n`, { status: 403 });
    }
    if (request.method !== "GET" && request.method !== "HEAD") return notFound();
    if (pathname === "/healthz") return new Response("ok\n");
    return pathname === "/metrics" ? this.#metrics(request.headers.get("accept") ?? "") : notFound();
  }

  #metrics(accept: string): Response {
    const format = accept.includes("application/openmetrics-text") ? "openmetrics" : "text";
    // Of many scrapes between two ticks one has it made.
    const text = this.#rendered.get(format) ?? renderExposition(this.#source.families(), format);
    this.#rendered.set(format, text);
    return new Response(text, { headers: { "content-type": CONTENT_TYPES[format] } });
  }
}

/** Where the exposed metrics come from. */
interface MetricSource {
  record(record: ResmonRecord): void;
  event?(event: Event): void;
  frame(frame: Frame): void;
  families(): Family[];
}

class NativeMetrics implements MetricSource {
  readonly #latest = new LatestSamples();
  readonly #marks = new OpenMarks();
  #run: readonly Family[] = [];

  record(record: ResmonRecord): void {
    if (record.type !== "session") return;
    this.#latest.interval = record.interval;
    this.#run = [runFamily(labelsOf(record))];
  }

  frame({ elapsed, samples }: Frame): void {
    this.#latest.add(elapsed, samples);
  }

  event(event: Event): void {
    this.#marks.event(event);
  }

  families(): Family[] {
    return [...this.#run, ...markFamilies(this.#marks), ...familiesOf(this.#latest.known())];
  }
}

// The arguments of a command may hold what is not for everybody.
function labelsOf({ run, command: [program = ""], mode, host, version }: SessionRecord): Record<string, string> {
  return { run, command: program.slice(program.lastIndexOf("/") + 1), mode, host, version };
}

const GAUGES: Readonly<Record<keyof HeflwrSample, readonly [name: string, help: string]>> = {
  cpu: ["cpu_usage", "CPU usage percentage"],
  memory: ["memory_usage", "Memory usage percentage"],
  sent: ["bytes_sent", "Bytes sent since the sample before"],
  received: ["bytes_recv", "Bytes received since the sample before"],
  vddIn: ["vdd_in", "Power of the module in milliwatts"],
  vddCpuGpuCv: ["vdd_cpu_gpu_cv", "Power of CPU, GPU and CV in milliwatts"],
  vddSoc: ["vdd_soc", "Power of the SoC in milliwatts"],
};

/** The gauges of heflwr's PrometheusMonitor, without labels; what is not known is left out. */
class HeflwrGauges implements MetricSource {
  readonly #sampler: HeflwrSampler;
  #latest: HeflwrSample = {};

  constructor(parts: readonly HeflwrPart[]) {
    this.#sampler = new HeflwrSampler(parts);
  }

  record(record: ResmonRecord): void {
    this.#sampler.record(record);
  }

  frame(frame: Frame): void {
    this.#latest = this.#sampler.sample(frame);
  }

  families(): Family[] {
    return HEFLWR_NAMES.flatMap((key): Family[] => {
      const value = this.#latest[key];
      const [name, help] = GAUGES[key];
      return value === undefined ? [] : [{ name, type: "gauge", help, samples: [["", value]] }];
    });
  }
}

function notFound(): Response {
  return new Response("Here are /metrics and /healthz\n", { status: 404 });
}

// The runtime would tell it on stderr, which is the command's.
function serverError(): Response {
  return new Response("resmon failed to answer\n", { status: 500 });
}

function spellHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function describeListenError(error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) return "the address is in use; name another port, or 0 for any";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied; ports from 1024 on need no privileges";
  if (error instanceof Deno.errors.AddrNotAvailable) return "this machine has no such address; name one of its own";
  return error instanceof Error ? error.message : String(error);
}
