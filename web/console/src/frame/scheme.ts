import { localStorageColorSchemeManager, useMantineColorScheme } from "@mantine/core";

export type Scheme = "light" | "dark" | "auto";

/** Keeps the appearance under the key that `public/scheme.js` reads before the first paint. */
export const schemeManager = localStorageColorSchemeManager({ key: "forecourt.scheme" });

/** The appearance, and how to change it. */
export function useScheme(): { scheme: Scheme; setScheme: (scheme: Scheme) => void } {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return { scheme: colorScheme, setScheme: setColorScheme };
}
