// Rows of `ps`: the program stands last, behind the time at which it was started.
const PS_ROW = /^( *\d+ .*?\d\d:\d\d:\d\d \d{4} +)\S.*$/gm;
// Rows of `netstat` on an address or, cut off, a network; those of links tell the numbers.
const NETSTAT_ROW = /^\S+ +\d+ +(?!<Link#)\S.*\n/gm;
// Objects of JSON about a process: PowerShell and intel_gpu_top have its name behind its pid, amd-smi before it.
const NAME_BEHIND_PID = /("(?:pid|ParentProcessId)"\s*:\s*"?\d+"?\s*,\s*"name"\s*:\s*)"(?:[^"\\]|\\.)*"/gi;
const NAME_BEFORE_PID = /("name"\s*:\s*)"(?:[^"\\]|\\.)*"(?=\s*,\s*"pid")/gi;

/** What a tool printed without the names of the programs that run on the machine and the networks that it is in. */
export function hidePrograms(text: string): string {
  return hideNetworks(hidePmonPrograms(text))
    .replace(PS_ROW, "$1program")
    .replace(NAME_BEHIND_PID, '$1"program"')
    .replace(NAME_BEFORE_PID, '$1"program"');
}

// `nvidia-smi pmon` prints columns under a header, of which the last is the program; its name may hold blanks.
function hidePmonPrograms(text: string): string {
  const header = /^# gpu .*\bcommand *$/m.exec(text)?.[0];
  if (header === undefined) return text;
  const before = header.trim().split(/ +/).length - 2;
  return text.replace(new RegExp(`^((?: *[^\\s#]\\S*){${before}} +)(?!-\\s*$)\\S.*$`, "gm"), "$1program");
}

function hideNetworks(text: string): string {
  return /^Name +Mtu +Network /.test(text) ? text.replace(NETSTAT_ROW, "") : text;
}
