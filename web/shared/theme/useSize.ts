import { useMediaQuery } from "@mantine/hooks";

/** Whether the screen is a phone's: up to 700 px wide (design guide, section 9). */
export function usePhone(): boolean {
  return useMediaQuery("(max-width: 700px)", undefined, { getInitialValueInEffect: false }) ?? false;
}
