import type { Anonymiser } from "./anonymiser.ts";
import { TOOLS_FOLDER } from "./archive_tools.ts";
import { hidePrograms } from "./private_tools.ts";

// All of what such a file holds is private.
const WHOLE_SECRETS = /(?:^|[_-])(?:serial|serial_number|unique_id|uuid|wwid|eui|nguid|address|asset_tag)$/;
// Of mounted file systems only these matter to resmon; the others tell of disks, servers and folders.
const TOLD_FILE_SYSTEMS = ["proc", "sysfs", "cgroup", "cgroup2"];
const NAMED_FOLDERS = ["/sys/fs/cgroup/", "/home/", "/Users/"];

/** Whether a path is in the folder of another process than resmon's own. */
export function isForeignProcess(path: string, own: number | undefined): boolean {
  const pid = /^\/proc\/(\d+)(?:\/|$)/.exec(path)?.[1];
  return pid !== undefined && pid !== `${own}`;
}

/** What may be told of a file, or of what a tool printed. */
export function hideInFile(path: string, text: string, anonymiser: Anonymiser): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (WHOLE_SECRETS.test(name)) return anonymiser.replaceWhole(text);
  if (path.startsWith("/proc/")) return anonymiser.replace(hideInProc(name, text, anonymiser));
  return anonymiser.replace(path.startsWith(`${TOOLS_FOLDER}/`) ? hidePrograms(text) : text);
}

/** What may be told of a path. Names may be words of the kernel as well, so that they are looked for in some folders only. */
export function hideInPath(path: string, anonymiser: Anonymiser): string {
  const mayHoldNames = NAMED_FOLDERS.some((folder) => path.startsWith(folder));
  return mayHoldNames ? anonymiser.replace(path) : anonymiser.replaceForms(path);
}

function hideInProc(name: string, text: string, anonymiser: Anonymiser): string {
  switch (name) {
    case "mounts":
      return keepLines(text, (line) => TOLD_FILE_SYSTEMS.includes(line.split(" ")[2] ?? ""));
    case "mountinfo":
      return keepLines(text, (line) => TOLD_FILE_SYSTEMS.includes(line.split(" - ")[1]?.split(" ")[0] ?? ""));
    case "route":
      return text.replace(/(?<=\t)[0-9A-F]{8}(?=\t)/g, (address) => hideHexAddress(address, anonymiser));
    case "cmdline":
      return "resmon\0doctor\0";
    case "environ":
      return "";
    default:
      return text;
  }
}

function keepLines(text: string, isKept: (line: string) => boolean): string {
  return text.split("\n").filter((line) => line === "" || isKept(line)).join("\n");
}

/** An address of /proc/net/route, its bytes in the order of the machine; a mask stays as it is. */
function hideHexAddress(address: string, anonymiser: Anonymiser): string {
  const bytes = (address.match(/../g) ?? []).map((hex) => parseInt(hex, 16)).reverse();
  const hidden = anonymiser.replaceForms(bytes.join(".")).split(".");
  return hidden.map((byte) => parseInt(byte, 10).toString(16).toUpperCase().padStart(2, "0")).reverse().join("");
}
