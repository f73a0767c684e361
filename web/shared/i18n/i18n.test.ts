import { describe, expect, it } from "vitest";
import { defineText, translate, type Text } from "./i18n";

const text = defineText(
  { plain: "Stations", many: { one: "{count} station", other: "{count} stations" }, named: "Reset {name}" },
  { plain: "Stationen", many: { one: "{count} Station", other: "{count} Stationen" }, named: "{name} neu starten" },
);

describe("translate", () => {
  it("puts parameters in and writes numbers in the language's way", () => {
    expect(translate(text, "en", "named", { name: "UTR-P3-07" })).toBe("Reset UTR-P3-07");
    expect(translate(text, "de", "many", { count: 1284 })).toBe("1.284 Stationen");
  });
  it("chooses the form by the count", () => {
    expect(translate(text, "en", "many", { count: 1 })).toBe("1 station");
    expect(translate(text, "de", "many", { count: 0 })).toBe("0 Stationen");
  });
});

describe("every catalogue", () => {
  const modules = import.meta.glob<Record<string, unknown>>(["../../{console,driver,shared}/**/*{text,Text}.ts"], { eager: true });
  const catalogues = Object.entries(modules).flatMap(([file, module]) =>
    Object.entries(module).flatMap(([name, value]) => (isText(value) ? [[`${file} ${name}`, value] as const] : [])),
  );
  it("is found", () => expect(catalogues.length).toBeGreaterThan(3));
  it.each(catalogues)("%s has the same keys, parameters and forms in both languages, without exclamation marks", (_name, { en, de }) => {
    expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
    for (const [key, message] of Object.entries(en)) {
      const other = de[key] as typeof message;
      expect(typeof other, key).toBe(typeof message);
      expect(parameters(other), key).toEqual(parameters(message));
      expect(words(message) + words(other), key).not.toMatch(/!|\bplease\b|\bbitte\b/i);
    }
  });
});

function isText(value: unknown): value is Text {
  return typeof value === "object" && value !== null && "en" in value && "de" in value;
}
function words(message: string | { one: string; other: string }): string {
  return typeof message === "string" ? message : `${message.one} ${message.other}`;
}
function parameters(message: string | { one: string; other: string }): string[] {
  return [...new Set(words(message).match(/\{\w+\}/g) ?? [])].sort();
}
