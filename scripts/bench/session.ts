import type { SessionRecord } from "../../lib/records.ts";

/** The session of a run that never was: what a made log begins with. */
export function benchSession(): SessionRecord {
  return {
    type: "session",
    seq: 1,
    schema: 1,
    version: "0",
    run: "",
    mode: "run",
    command: ["true"],
    cwd: "/",
    host: "",
    started: 1.79e9,
    interval: 1,
    machine: { os: "linux", architecture: "", cpus: 2, cpus_usable: 2, memory_bytes: 8e9, memory_usable_bytes: 8e9 },
    tags: {},
    attributes: {},
  };
}
