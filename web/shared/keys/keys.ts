/**
 * Keyboard shortcuts (design guide, section 8).
 *
 *     useKeys({ n: openForm, "g s": () => navigate({ to: "/stations" }), "mod+k": openPalette });
 *
 * A binding is a key, two keys in a row ("g s"), or `mod+KEY` (Ctrl, on a Mac ⌘). While somebody types or a dialog is
 * open only `mod+…` and `Escape` count. Destructive actions have no single key.
 */
import { useEffect, useEffectEvent } from "react";

export type Bindings = Readonly<Record<string, (event: KeyboardEvent) => void>>;

/** How long the second key of a sequence may take, in milliseconds. */
const SEQUENCE_MS = 1200;

export interface Press {
  key: string;
  mod: boolean;
  typing: boolean;
}

/** The name of the binding that a press completes, after `before` (the key pressed just before, or null). */
export function match(bindings: Bindings, press: Press, before: string | null): string | null {
  const single = press.mod ? `mod+${press.key.toLowerCase()}` : press.key;
  if (press.typing && !press.mod && press.key !== "Escape") return null;
  const sequence = before === null || press.mod ? null : `${before} ${press.key}`;
  if (sequence !== null && sequence in bindings) return sequence;
  return single in bindings ? single : null;
}

/** Whether `key` can begin a sequence. */
export function begins(bindings: Bindings, key: string): boolean {
  return Object.keys(bindings).some((name) => name.startsWith(`${key} `));
}

/** Binds keys while the component is shown. */
export function useKeys(bindings: Bindings, enabled = true): void {
  const current = useEffectEvent(() => bindings);
  useEffect(() => {
    if (!enabled) return;
    let before: { key: string; at: number } | null = null;
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey || event.isComposing) return;
      const target = event.target instanceof HTMLElement ? event.target : null;
      const mod = event.ctrlKey || event.metaKey;
      const typing = target?.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], [role=dialog]") != null;
      const recent = before !== null && event.timeStamp - before.at < SEQUENCE_MS ? before.key : null;
      const bound = current();
      const name = match(bound, { key: event.key, mod, typing }, recent);
      before = !mod && !typing && begins(bound, event.key) ? { key: event.key, at: event.timeStamp } : null;
      if (name === null) return;
      event.preventDefault();
      bound[name]?.(event);
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [enabled]);
}
