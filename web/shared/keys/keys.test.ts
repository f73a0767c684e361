import { expect, it } from "vitest";
import { begins, match } from "./keys";

const bindings = { n: () => undefined, "g s": () => undefined, "mod+k": () => undefined, Escape: () => undefined };
const press = (key: string, more: Partial<{ mod: boolean; typing: boolean }> = {}) => ({ key, mod: false, typing: false, ...more });

it("finds single keys, sequences and chords", () => {
  expect(match(bindings, press("n"), null)).toBe("n");
  expect(match(bindings, press("s"), "g")).toBe("g s");
  expect(match(bindings, press("s"), null)).toBeNull();
  expect(match(bindings, press("K", { mod: true }), null)).toBe("mod+k");
  expect(begins(bindings, "g")).toBe(true);
});

it("lets people type", () => {
  expect(match(bindings, press("n", { typing: true }), null)).toBeNull();
  expect(match(bindings, press("Escape", { typing: true }), null)).toBe("Escape");
  expect(match(bindings, press("k", { typing: true, mod: true }), null)).toBe("mod+k");
});
