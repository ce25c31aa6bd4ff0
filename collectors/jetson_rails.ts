/** The power rails of NVIDIA's computer modules, under the names that sysfs and tegrastats give them. */

/** The device of all rails of a computer module. */
export const MODULE = "module";

/** What tegrastats and the device tree call a channel that measures nothing. */
export const NOT_CONNECTED = "NC";

// The rails that add up to a whole module, by board: where there is one for all, the others are in it. Orin AGX feeds
// VDDQ_VDD2_1V8AO from VIN_SYS_5V0.
const WHOLE_MODULES = [
  ["VDD_IN"],
  ["POM_5V_IN"],
  ["VIN"],
  ["GPU", "CPU", "SOC", "CV", "VDDRQ", "SYS5V"],
  ["VDD_GPU_SOC", "VDD_CPU_CV", "VIN_SYS_5V0"],
];

/**
 * The scope of each rail of a module, given all that it has: `module` for the one, or the ones added up, that are all of its
 * power, `rail` for those that are a part of these; `device` where nobody knows what contains what.
 */
export function railScopes(names: readonly string[]): ("module" | "rail" | "device")[] {
  const whole = WHOLE_MODULES.find((rails) => rails.every((rail) => names.includes(rail)));
  if (whole === undefined) return names.map(() => "device");
  return names.map((name, index) => whole.includes(name) && names.indexOf(name) === index ? "module" : "rail");
}
