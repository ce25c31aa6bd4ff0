/**
 * What the long-lived PowerShell runs: it prints the whole machine as one line of JSON again and again, until its standard
 * input ends, as it does with resmon. Classes of CIM, since names of performance counters are in the language of the system;
 * raw counters, since formatted ones are rounded to whole numbers; no quotation mark, which command lines would spoil; a writer
 * of its own, for the encoding of [Console] is that of the console, which the command has too.
 */

/** The classes by the name of their part in a line, with the properties that are read. */
export const CIM_PARTS = {
  processes: {
    class: "Win32_Process",
    properties: [
      "ProcessId",
      "ParentProcessId",
      "Name",
      "CreationDate",
      "KernelModeTime",
      "UserModeTime",
      "WorkingSetSize",
      "PeakWorkingSetSize",
      "ThreadCount",
      "ReadTransferCount",
      "WriteTransferCount",
    ],
  },
  processors: {
    class: "Win32_PerfRawData_Counters_ProcessorInformation",
    properties: [
      "Name",
      "PercentUserTime",
      "PercentPrivilegedTime",
      "PercentIdleTime",
      "PercentInterruptTime",
      "PercentDPCTime",
    ],
  },
  system: {
    class: "Win32_OperatingSystem",
    properties: ["TotalVisibleMemorySize", "FreePhysicalMemory"],
  },
  memory: {
    class: "Win32_PerfRawData_PerfOS_Memory",
    properties: ["AvailableBytes", "FreeAndZeroPageListBytes", "PagesInputPersec", "PagesOutputPersec"],
  },
  pageFiles: { class: "Win32_PageFileUsage", properties: ["AllocatedBaseSize", "CurrentUsage"] },
  disks: {
    class: "Win32_PerfRawData_PerfDisk_PhysicalDisk",
    properties: ["Name", "DiskReadBytesPersec", "DiskWriteBytesPersec", "DiskReadsPersec", "DiskWritesPersec"],
  },
  interfaces: {
    class: "Win32_PerfRawData_Tcpip_NetworkInterface",
    properties: [
      "Name",
      "BytesReceivedPersec",
      "BytesSentPersec",
      "PacketsReceivedPersec",
      "PacketsSentPersec",
      "PacketsReceivedErrors",
      "PacketsReceivedDiscarded",
      "PacketsOutboundErrors",
      "PacketsOutboundDiscarded",
    ],
  },
} as const;

/** A part of a line. */
export type CimPart = keyof typeof CIM_PARTS;

/** The words that start PowerShell, for a line every so many seconds. */
export function powershellCommand(seconds: number): string[] {
  return [
    "powershell.exe",
    "-NoLogo",
    "-NoProfile",
    "-NonInteractive",
    "-InputFormat",
    "None",
    "-Command",
    script(Math.round(seconds * 1000)),
  ];
}

function script(milliseconds: number): string {
  const parts = Object.entries(CIM_PARTS).map(([name, part]) =>
    `${name} = (Read-Rows '${part.class}' @(${part.properties.map((property) => `'${property}'`).join(", ")}))`
  );
  return [
    "[Threading.Thread]::CurrentThread.CurrentCulture = [Globalization.CultureInfo]::InvariantCulture",
    "$out = New-Object IO.StreamWriter([Console]::OpenStandardOutput(), (New-Object Text.UTF8Encoding $false))",
    "$end = [Console]::OpenStandardInput().ReadAsync((New-Object byte[] 1), 0, 1)",
    "function Read-Rows($class, $names) { try { ,@(Get-CimInstance -ClassName $class -Property $names " +
    "-ErrorAction Stop | Select-Object $names) } catch { $null } }",
    `while ($true) { $watch = [Diagnostics.Stopwatch]::StartNew(); $line = @{ ${parts.join("; ")} }; ` +
    "$out.WriteLine((ConvertTo-Json -Compress -Depth 4 -InputObject $line)); $out.Flush(); " +
    `$rest = [Math]::Max(1, ${milliseconds} - $watch.ElapsedMilliseconds); ` +
    "try { if ($end.Wait([int]$rest)) { exit } } catch { exit } }",
  ].join("; ");
}
