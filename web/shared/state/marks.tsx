import type { JSX } from "react";

/** The silhouettes of the states, 16 px: each differs in shape, so that colour is never needed. */
export const marks = {
  available: <circle cx="8" cy="8" r="5" fill="none" stroke="currentColor" strokeWidth="2" />,
  preparing: <><circle cx="8" cy="8" r="5.200" fill="none" stroke="currentColor" strokeWidth="1.600" /><path d="M8 2.800a5.200 5.200 0 0 0 0 10.400z" fill="currentColor" /></>,
  charging: <><circle cx="8" cy="8" r="7" fill="currentColor" /><path d="M8.900 3.600 4.900 8.700h2.700l-.6 3.700 4.100-5.100H8.300z" fill="var(--fc-surface)" /></>,
  suspended_car: <><circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="1.700" /><path d="M6.500 5.700v4.600M9.500 5.700v4.600" stroke="currentColor" strokeWidth="1.700" strokeLinecap="round" /></>,
  suspended_station: <><rect x="1.800" y="1.800" width="12.400" height="12.400" rx="2.400" fill="currentColor" /><path d="M6.300 5v6M9.700 5v6" stroke="var(--fc-surface)" strokeWidth="1.900" strokeLinecap="round" /></>,
  finishing: <><path d="M12.800 5.600A5.400 5.400 0 1 0 13.400 8" fill="none" stroke="currentColor" strokeWidth="1.700" strokeLinecap="round" /><path d="m5.600 8 1.900 1.900L13 4" fill="none" stroke="currentColor" strokeWidth="1.700" strokeLinecap="round" strokeLinejoin="round" /></>,
  reserved: <><path d="M8 1.200 14.800 8 8 14.800 1.200 8z" fill="currentColor" /><path d="M8 5v3.200l1.900 1.200" stroke="var(--fc-surface)" strokeWidth="1.500" fill="none" strokeLinecap="round" /></>,
  unavailable: <><circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="1.700" /><path d="M4.800 8h6.400" stroke="currentColor" strokeWidth="2" strokeLinecap="round" /></>,
  faulted: <><path d="M8 1.300 15.300 14.300H.7z" fill="currentColor" stroke="currentColor" strokeWidth="1" strokeLinejoin="round" /><path d="M8 6v3.800" stroke="var(--fc-surface)" strokeWidth="1.800" strokeLinecap="round" /><circle cx="8" cy="12" r="1" fill="var(--fc-surface)" /></>,
  offline: <><circle cx="8" cy="8" r="6.200" fill="none" stroke="currentColor" strokeWidth="1.600" strokeDasharray="2.400 2.470" /><path d="m5.700 5.700 4.600 4.600M10.300 5.700l-4.600 4.600" stroke="currentColor" strokeWidth="1.700" strokeLinecap="round" /></>,
  occupied: <><circle cx="8" cy="8" r="5.200" fill="none" stroke="currentColor" strokeWidth="1.600" /><path d="M8 2.800a5.200 5.200 0 0 0 0 10.400z" fill="currentColor" /></>,
  no_answer: <><circle cx="8" cy="8" r="6.200" fill="none" stroke="currentColor" strokeWidth="1.600" strokeDasharray="2.400 2.470" /><path d="M6.200 6.400a1.800 1.800 0 1 1 2.500 1.600c-.5.200-.7.600-.7 1.100" fill="none" stroke="currentColor" strokeWidth="1.500" strokeLinecap="round" /><circle cx="8" cy="11" r=".800" fill="currentColor" /></>,
  disputed: <><rect x="1.800" y="1.800" width="12.400" height="12.400" rx="2.400" fill="currentColor" /><path d="M8 4.800v3.900" stroke="var(--fc-surface)" strokeWidth="1.900" strokeLinecap="round" /><circle cx="8" cy="11.200" r="1" fill="var(--fc-surface)" /></>,
  done: <><circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="1.700" /><path d="m5.300 8.200 1.900 1.900 3.500-3.900" fill="none" stroke="currentColor" strokeWidth="1.700" strokeLinecap="round" strokeLinejoin="round" /></>,
  back: <><circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="1.700" /><path d="M10.800 8H5.400m2-2-2 2 2 2" fill="none" stroke="currentColor" strokeWidth="1.500" strokeLinecap="round" strokeLinejoin="round" /></>,
  waiting: <circle cx="8" cy="8" r="5.500" fill="none" stroke="currentColor" strokeWidth="1" />,
  draft: <circle cx="8" cy="8" r="5.800" fill="none" stroke="currentColor" strokeWidth="1.500" strokeDasharray="2.400 2.100" />,
  void: <><circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="1.600" /><path d="m4 12 8-8" stroke="currentColor" strokeWidth="1.600" /></>,
} satisfies Record<string, JSX.Element>;

export type Mark = keyof typeof marks;
