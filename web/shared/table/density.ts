import { useLocalStorage } from "@mantine/hooks";

export type Density = "compact" | "default" | "relaxed";

/** Height of table rows: 32, 36 or 44 px; a viewer's setting, kept in this browser. */
export function useDensity() {
  return useLocalStorage<Density>({ key: "forecourt.density", defaultValue: "default", getInitialValueInEffect: false });
}
