/**
 * Words in English and German.
 *
 * A screen keeps its words beside itself and gets a typed `t` from them:
 *
 *     // screens/stations/text.ts
 *     export const text = defineText(
 *       { title: "Stations", selected: { one: "{count} station", other: "{count} stations" } },
 *       { title: "Stationen", selected: { one: "{count} Station", other: "{count} Stationen" } },
 *     );
 *     const t = useText(text);
 *     t("selected", { count: 3 })
 *
 * Both languages have the same keys, or it does not compile. `{name}` is replaced by the parameter; numbers are
 * written in the reader's way. A message of forms is chosen by `count` (Intl.PluralRules).
 */
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";

export type Language = "en" | "de";
export type Message = string | { one: string; other: string };
export type Catalogue<K extends string = string> = Readonly<Record<K, Message>>;
export type Text<K extends string = string> = Readonly<Record<Language, Catalogue<K>>>;
export type Params = Readonly<Record<string, string | number>>;
export type Translate<K extends string> = (key: K, params?: Params) => string;

/** Words of one screen or component in both languages. */
export function defineText<const E extends Catalogue>(en: E, de: Record<keyof E & string, Message>): Text<keyof E & string> {
  return { en, de } as Text<keyof E & string>;
}

/** The message in that language, its parameters put in. */
export function translate<K extends string>(text: Text<K>, language: Language, key: K, params: Params = {}): string {
  const message = text[language][key];
  const chosen = typeof message === "string" ? message : message[plural(language, params["count"])];
  return chosen.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? new Intl.NumberFormat(language).format(value) : value;
  });
}

function plural(language: Language, count: string | number | undefined): "one" | "other" {
  return new Intl.PluralRules(language).select(Number(count ?? 0)) === "one" ? "one" : "other";
}

interface LanguageValue {
  language: Language;
  setLanguage: (language: Language) => void;
}

const KEY = "forecourt.language";
const LanguageContext = createContext<LanguageValue>({ language: "en", setLanguage: () => undefined });

/** Keeps the reader's language: the one chosen before, else the browser's, else English. */
export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setState] = useState<Language>(() => (document.documentElement.lang === "de" ? "de" : "en"));
  const setLanguage = useCallback((next: Language) => {
    localStorage.setItem(KEY, next);
    setState(next);
  }, []);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const value = useMemo(() => ({ language, setLanguage }), [language, setLanguage]);
  return <LanguageContext value={value}>{children}</LanguageContext>;
}

/** The language now, and how to change it. */
export function useLanguage(): LanguageValue {
  return useContext(LanguageContext);
}

/** `t` of a screen's words; see above. */
export function useText<K extends string>(text: Text<K>): Translate<K> {
  const { language } = useLanguage();
  return useCallback((key, params) => translate(text, language, key, params), [text, language]);
}
