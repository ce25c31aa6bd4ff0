import type { Root } from "../lib/root.ts";
import type { CardSensor } from "./card_collector_linux.ts";
import { type DrmCard, listOrNone } from "./drm_cards_linux.ts";
import { byNumber } from "./sysfs.ts";

/** A sensor of a card, by its file in the kernel's hwmon/sysfs-interface such as `temp1_input`. */
export type HwmonSensor = Omit<CardSensor, "path"> & { readonly file: string };

/**
 * The sensors of a card that its driver has; of several for the same thing the first. Drivers number them as their documents
 * say, so the labels need not be read. Throws SystemError.
 */
export function listHwmonSensors(root: Root, { device }: DrmCard, sensors: readonly HwmonSensor[]): CardSensor[] {
  const [name] = listOrNone(root, `${device}/hwmon`).filter((each) => each.startsWith("hwmon")).sort(byNumber);
  if (name === undefined) return [];
  const folder = `${device}/hwmon/${name}`;
  const files = new Set(listOrNone(root, folder));
  const found = new Map<string, CardSensor>();
  for (const { file, ...sensor } of sensors) {
    const key = JSON.stringify([sensor.metric, sensor.labels]);
    if (files.has(file) && !found.has(key)) found.set(key, { ...sensor, path: `${folder}/${file}` });
  }
  return [...found.values()];
}
