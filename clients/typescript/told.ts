/** Whatever a program tells, as what a mark can hold. */

import { isMessage } from "../../lib/guards.ts";
import type { Attributes as MarkAttributes, Message } from "../../lib/records.ts";
import type { Attributes } from "./marks.ts";

/** The attributes of a mark. One without a value is left out, and what JSON has no number for becomes a text. */
export function attributesOf(attributes: Attributes | undefined): { readonly attributes?: MarkAttributes } {
  if (attributes === undefined) return {};
  const told = Object.entries(attributes).filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => [name, attributeOf(value)]);
  return { attributes: Object.fromEntries(told) };
}

/** A message of a log. */
export function messageOf(value: unknown): Message {
  if (value instanceof Error) return value.stack ?? `${value}`;
  if (isOneMessage(value)) return value;
  const isTold = typeof value === "object" || typeof value === "boolean" || Number.isFinite(value);
  return isTold ? { json: value } : String(value);
}

/** What something failed by. */
export function reasonOf(error: unknown): string {
  try {
    return error instanceof Error ? error.name : String(error);
  } catch {
    // An object that has no text.
    return typeof error;
  }
}

function attributeOf(value: Attributes[string]): Attributes[string] {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === "boolean" || Number.isFinite(value) ? value : `${value}`;
}

function isOneMessage(value: unknown): value is Message {
  return isMessage(value);
}
