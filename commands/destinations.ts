import { InvalidArgumentError } from "commander";
import type { FrameSink, OnFailure } from "../lib/contracts.ts";
import { HEFLWR_PARTS, type HeflwrPart } from "../lib/heflwr.ts";
import { parseCount } from "../lib/parse.ts";
import { tell } from "./stderr.ts";

/** Where a recording is told while it goes on: `--to`. */
export type Destination = PrometheusDestination | HttpDestination;

/** `prometheus:[HOST:]PORT` */
interface PrometheusDestination {
  readonly kind: "prometheus";
  readonly host: string;
  readonly port: number;
}

/** `http://HOST[:PORT][/PATH][?simple=false]` */
interface HttpDestination {
  readonly kind: "http";
  readonly url: string;
  readonly authorization?: string;
  readonly isSimple: boolean;
}

/** How recordings are told to destinations. */
export interface DestinationOptions {
  readonly to: readonly Destination[];
  readonly identifier?: string;
  readonly compat?: readonly HeflwrPart[];
  readonly quiet?: boolean;
}

const EXAMPLES = "write it like prometheus:9100, prometheus:0.0.0.0:9100 or http://127.0.0.1:5000";
const LAST_PORT = 65_535;

/** Reads destinations, blanks between several, and adds them to those before. Throws InvalidArgumentError. */
export function parseDestination(text: string, before: readonly Destination[] = []): Destination[] {
  const words = text.split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) throw new InvalidArgumentError(`It names no destination: ${EXAMPLES}.`);
  return [...before, ...words.map(parseOne)];
}

/** Reads `heflwr`, or `heflwr:cpu,power` for some of its numbers. Throws InvalidArgumentError. */
export function parseCompat(text: string): readonly HeflwrPart[] {
  const [system, words] = text.split(":", 2);
  const wanted = words?.split(",").filter((word) => word !== "") ?? HEFLWR_PARTS;
  const parts = HEFLWR_PARTS.filter((part) => wanted.includes(part));
  if (system === "heflwr" && parts.length === wanted.length) return parts;
  throw new InvalidArgumentError(`Write it like heflwr or heflwr:${HEFLWR_PARTS.join(",")}.`);
}

function parseOne(text: string): Destination {
  const [, address] = /^prometheus:(.*)$/s.exec(text) ?? [];
  if (address !== undefined) return parsePrometheus(address);
  if (/^https?:\/\//i.test(text)) return parseHttp(text);
  throw new InvalidArgumentError(`It is no destination: ${EXAMPLES}.`);
}

function parsePrometheus(address: string): PrometheusDestination {
  const [, bracketed, plain, port] = /^(?:(?:\[([\da-fA-F:.]+)\]|([\w.-]+)):)?(\d{1,5})$/.exec(address) ?? [];
  const number = port === undefined ? NaN : parseCount(port, "port");
  if (!(number <= LAST_PORT)) throw new InvalidArgumentError(`It has no port from 0 to ${LAST_PORT}: ${EXAMPLES}.`);
  return { kind: "prometheus", host: bracketed ?? plain ?? "127.0.0.1", port: number };
}

function parseHttp(text: string): HttpDestination {
  const url = URL.parse(text);
  if (url === null) throw new InvalidArgumentError(`It is no URL: ${EXAMPLES}.`);
  const simple = url.searchParams.get("simple") ?? "true";
  if (simple !== "true" && simple !== "false") {
    throw new InvalidArgumentError(
      "Its simple is neither true nor false: write it like http://127.0.0.1?simple=false.",
    );
  }
  const authorization = authorizationOf(url);
  return {
    kind: "http",
    url: `${url.origin}${url.pathname.replace(/\/+$/, "")}`,
    ...(authorization !== undefined && { authorization }),
    isSimple: simple === "true",
  };
}

/** The name and password of a URL as RFC 7617 sends them. */
function authorizationOf({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  try {
    const bytes = new TextEncoder().encode(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
    return `Basic ${bytes.toBase64()}`;
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw new InvalidArgumentError("Its name or password has a % that begins no character: write % itself as %25.");
  }
}

/** Opens destinations, one after the other. Rejects with Error where one cannot be had, with the others closed. */
export async function openDestinations(
  options: DestinationOptions,
  onFailure: (sink: string, reason: string) => void,
): Promise<FrameSink[]> {
  if (options.compat !== undefined && options.to.length === 0) {
    throw new Error("Cannot use --compat: it changes what --to tells, and there is no --to");
  }
  const sinks: FrameSink[] = [];
  try {
    for (const destination of options.to) {
      if (destination.kind === "prometheus") sinks.push(await openPrometheus(destination, options));
      else sinks.push(await openHttp(destination, options, (reason) => onFailure(destination.url, reason)));
    }
  } catch (error) {
    for (const sink of sinks) await sink.close(0);
    throw error;
  }
  return sinks;
}

async function openPrometheus(
  { host, port }: PrometheusDestination,
  { compat, quiet = false }: DestinationOptions,
): Promise<FrameSink> {
  const { PrometheusSink } = await import("../sinks/prometheus.ts");
  const sink = PrometheusSink.open({ host, port, compat });
  // Nobody else knows a port that the system has chosen.
  if (port === 0 && !quiet) tell(`metrics are served at ${sink.url}`);
  return sink;
}

async function openHttp(
  { url, authorization, isSimple }: HttpDestination,
  { identifier = `remote-monitor-${crypto.randomUUID().replaceAll("-", "")}`, compat }: DestinationOptions,
  onFailure: OnFailure,
): Promise<FrameSink> {
  const { HttpFormSink } = await import("../sinks/http_form.ts");
  return new HttpFormSink({ url, authorization, isSimple, identifier, compat, onFailure });
}
