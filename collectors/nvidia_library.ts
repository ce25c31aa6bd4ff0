import { SystemError } from "../lib/root.ts";
import type { Root } from "../lib/root.ts";

/** The library's name as the driver installs it; the one without `.1` belongs to compilers. */
const NAME = "libnvidia-ml.so.1";

// Debian, arm64, Red Hat and SUSE, Arch, Windows' subsystem for Linux, NixOS, containers of Kubernetes.
const FOLDERS = [
  "/usr/lib/x86_64-linux-gnu",
  "/usr/lib/aarch64-linux-gnu",
  "/usr/lib64",
  "/usr/lib",
  "/usr/lib/wsl/lib",
  "/run/opengl-driver/lib",
  "/usr/local/nvidia/lib64",
];

/** Names another library, for tests and for drivers in unusual places. */
const VARIABLE = "RESMON_NVML_LIBRARY";

/** The path of NVML on a machine, without opening it; undefined where there is none. */
export function findNvml(root: Root, variable: (name: string) => string | undefined): string | undefined {
  const named = variable(VARIABLE);
  if (named !== undefined && named !== "") return named;
  const folders = variable("LD_LIBRARY_PATH")?.split(":").filter((folder) => folder.startsWith("/")) ?? [];
  return [...folders, ...FOLDERS].map((folder) => `${folder}/${NAME}`).find((path) => exists(root, path));
}

function exists(root: Root, path: string): boolean {
  try {
    root.size(path);
    return true;
  } catch (error) {
    if (error instanceof SystemError) return false;
    throw error;
  }
}
