import { usePreference } from "#shared/api/preferences";

export type Density = "compact" | "default" | "relaxed";

/** Height of table rows: 32, 36 or 44 px; a viewer's setting, which follows the person. */
export function useDensity(): [Density, (next: Density) => void] {
  return usePreference<Density>("density", "default");
}
