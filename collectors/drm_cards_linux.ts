import type { Environment } from "../lib/contracts.ts";
import { orGap } from "../lib/availability.ts";
import { splitLines } from "../lib/parse.ts";
import { isGone, type Root } from "../lib/root.ts";
import { byNumber } from "./sysfs.ts";

const DRM = "/sys/class/drm";

/** A graphics card as the kernel's direct rendering manager (DRM) lists it. */
export interface DrmCard {
  /** Such as `card0`: the label of its series. */
  readonly name: string;
  /** Such as `/sys/class/drm/card0`. */
  readonly folder: string;
  /** The device behind it, such as `/sys/class/drm/card0/device`. */
  readonly device: string;
  /** Such as `amdgpu`. */
  readonly driver: string | undefined;
  /** Vendor and device on the PCI bus, such as `1002:744c`; undefined for a device that is not on it. */
  readonly pciId: string | undefined;
  /** The place on the PCI bus, such as `0000:03:00.0`. */
  readonly slot: string | undefined;
}

/** Parses the `uevent` of a device, lines of `KEY=value`. Throws SyntaxError. */
export function parseUevent(text: string): Map<string, string> {
  const entries = new Map<string, string>();
  for (const line of splitLines(text, "uevent")) {
    const equals = line.indexOf("=");
    if (equals > 0) entries.set(line.slice(0, equals), line.slice(equals + 1));
  }
  return entries;
}

/** The graphics cards of the machine in their order, without connectors such as `card0-HDMI-A-1`. */
export function findCards(root: Root): DrmCard[] {
  return listOrNone(root, DRM).filter((name) => /^card\d+$/.test(name)).sort(byNumber).flatMap((name) => {
    const folder = `${DRM}/${name}`;
    const device = `${folder}/device`;
    const uevent = orGap(() => parseUevent(root.read(`${device}/uevent`)));
    if (uevent === null) return [];
    return [{
      name,
      folder,
      device,
      driver: uevent.get("DRIVER"),
      pciId: uevent.get("PCI_ID")?.toLowerCase(),
      slot: uevent.get("PCI_SLOT_NAME")?.toLowerCase(),
    }];
  });
}

/** Whether the kernel has put the card to sleep: then reading most of its files would wake it. */
export function isAsleep(root: Root, { device }: DrmCard): boolean {
  const status = orGap(() => root.read(`${device}/power/runtime_status`).trim());
  return status === "suspended" || status === "suspending";
}

/** Says what a card is. */
export function introduceCard({ root, introduce }: Environment, card: DrmCard): void {
  const { name, device, driver, pciId, slot } = card;
  const product = orGap(() => root.read(`${device}/product_name`).trim()) ?? "";
  const integrated = !isAsleep(root, card) && isIntegrated(root, device) ? "yes" : undefined;
  const attributes = { driver, bus: slot, pci_id: pciId, integrated };
  const known = Object.entries(attributes).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const fallback = [driver, pciId].filter((word) => word !== undefined).join(" ");
  introduce({ label: "gpu", id: name, name: product || fallback || name, attributes: Object.fromEntries(known) });
}

// The kernel tells a northbridge voltage of AMD's integrated GPUs only (amdgpu's thermal documentation); their power is that of
// the whole package.
function isIntegrated(root: Root, device: string): boolean {
  const chips = orGap(() => root.list(`${device}/hwmon`)) ?? [];
  return chips.some((chip) => orGap(() => root.read(`${device}/hwmon/${chip}/in1_label`).trim()) === "vddnb");
}

/** The names in a folder; none where there is no such folder. Throws SystemError where it may not be read. */
export function listOrNone(root: Root, folder: string): string[] {
  try {
    return root.list(folder);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}
