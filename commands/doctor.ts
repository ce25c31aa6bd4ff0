import { createCollectors, listMembers, type Subject } from "../collectors/mod.ts";
import type { Collector } from "../lib/contracts.ts";
import {
  CORE,
  describeCollector,
  describeMetrics,
  describeUnknown,
  type Diagnosis,
  DIAGNOSIS_SCHEMA,
} from "../lib/diagnosis.ts";
import { examine, type Examined } from "../lib/examination.ts";
import { readFacts, systemName } from "../lib/facts.ts";
import type { Host } from "../lib/host.ts";
import { MachineError, readMachine } from "../lib/machine.ts";
import type { RecorderStatistics } from "../lib/recorder.ts";
import type { OwnMachine } from "../lib/records.ts";
import { VERSION } from "../lib/version.ts";
import type { ExitStatus } from "../lib/wait.ts";
import { describeTerminal } from "../sinks/terminal.ts";
import { captureMachine } from "./capture.ts";
import { renderDiagnosis } from "./doctor_text.ts";
import { FAILURE } from "./exit_status.ts";
import { openHost } from "./machine_host.ts";
import { type OwnCollectors, platformOf } from "./platform.ts";
import { writeStdout } from "./stdout.ts";

// A tool may take some seconds to start, and a Feed up to ten to be given up.
const PATIENCE_SECONDS = 15;
const INTERVAL_SECONDS = 1;
const FILES_KEPT = 64;

/** The options of `resmon doctor`. */
export interface DoctorOptions {
  readonly json?: boolean;
  readonly all?: boolean;
  /** Where to write the machine as a fixture. */
  readonly capture?: string;
  /** A fixture to look at in place of this machine. */
  readonly root?: string;
}

/** Tells of every number that resmon can record whether it is there, and why not. Status 1 where the core does not work. */
export async function doctor({ json = false, all = false, capture, root }: DoctorOptions): Promise<ExitStatus> {
  const host = openHost(root, FAILURE);
  const diagnosis = capture === undefined ? (await diagnose(host)).diagnosis : await captureMachine(host, capture);
  const terminal = describeTerminal(Deno.stdout, (name) => Deno.env.get(name));
  writeStdout(json ? `${JSON.stringify(diagnosis, null, 2)}\n` : renderDiagnosis(diagnosis, { ...terminal, all }));
  return { code: diagnosis.works ? 0 : FAILURE };
}

/** Examines a machine: what is told of it, and what its collectors read. */
export async function diagnose(
  host: Host,
): Promise<{ readonly diagnosis: Diagnosis; readonly examined: readonly Examined[] }> {
  const members = membersOf(host);
  const examined = await examine(members.map(({ collector }) => collector), {
    environmentOf: () => ({ ...host, interval: INTERVAL_SECONDS }),
    target: host.pid === undefined ? undefined : { pid: host.pid },
    patience: PATIENCE_SECONDS,
    now: () => performance.now() / 1000,
    // A fixture stands still.
    pause: () => new Promise((resolve) => setTimeout(resolve, host.isFixture ? 0 : INTERVAL_SECONDS * 1000)),
  });
  const findings = examined.map((each, index) => describeCollector(each, placeOf(members[index])));
  const core = findings.filter(({ name }) => CORE.includes(name));
  const machine = await tryReadMachine(host);
  const isCoreThere = core.length > 0 && core.every(({ state }) => state === "working");
  const diagnosis = {
    schema: DIAGNOSIS_SCHEMA,
    version: VERSION,
    platform: host.platform,
    works: isCoreThere && (host.isFixture || host.pid !== undefined) && !(machine instanceof MachineError),
    ...(machine instanceof MachineError ? {} : { machine }),
    facts: readFacts(host, machine),
    collectors: findings,
    metrics: { ...describeMetrics(examined), ...describeUnknown(collectorsOf(host.platform), systemName(host)) },
  };
  return { diagnosis, examined };
}

async function tryReadMachine(host: Host): Promise<OwnMachine | MachineError> {
  try {
    return await readMachine(host);
  } catch (error) {
    if (error instanceof MachineError) return error;
    throw error;
  }
}

interface Member {
  readonly subject?: Subject;
  readonly collector: Collector;
}

function placeOf(member: Member | undefined): { readonly subject: string; readonly alternative: boolean } {
  return { subject: member?.subject?.word ?? "process", alternative: member?.subject?.isAnyEnough ?? false };
}

// Where there is no process to watch, as in most fixtures, nothing can be said of how processes are read.
function membersOf({ platform, pid }: Host): Member[] {
  const own = pid === undefined ? undefined : createOwn(platform);
  return [...(own === undefined ? [] : [{ collector: own.process }]), ...listMembers(platform)];
}

function collectorsOf(platform: string): Collector[] {
  const own = createOwn(platform);
  return [...(own === undefined ? [] : [own.process, own.monitor]), ...createCollectors(platform)];
}

function createOwn(platform: string): OwnCollectors | undefined {
  const options = { startsCommand: false, adopts: false, maxOpenFiles: FILES_KEPT };
  return platformOf(platform)?.createOwnCollectors(options, noStatistics);
}

function noStatistics(): RecorderStatistics {
  return { ticks: 0, skipped: 0, gaps: 0, tickSeconds: undefined };
}
