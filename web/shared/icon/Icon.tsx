/** Interface icons: 16 px, stroke 1.5, drawn for Forecourt. `<Icon name="power" />` is hidden from screen readers. */
import type { JSX } from "react";
import classes from "./Icon.module.css";

const shapes = {
  overview: <><rect x="2" y="2" width="5" height="6" rx="1" /><rect x="9" y="2" width="5" height="3.5" rx="1" /><rect x="9" y="8" width="5" height="6" rx="1" /><rect x="2" y="10.5" width="5" height="3.5" rx="1" /></>,
  inbox: <><path d="M2 9.5 4 3h8l2 6.5V13H2z" /><path d="M2 9.5h3.5l1 1.5h3l1-1.5H14" /></>,
  station: <><rect x="3" y="2" width="7" height="12" rx="1.2" /><path d="M7 5 5.4 8h2.2L6.2 11M10 8h1.2a1 1 0 0 1 1 1v2a.9.9 0 0 0 1.8 0V5.5L12.2 4" /></>,
  pin: <><path d="M8 14s4.5-4 4.5-7.5a4.5 4.5 0 0 0-9 0C3.5 10 8 14 8 14z" /><circle cx="8" cy="6.500" r="1.600" /></>,
  bolt: <path d="M8.800 1.800 3.500 9H8l-.8 5.200L12.500 7H8z" />,
  card: <><rect x="1.800" y="3.500" width="12.400" height="9" rx="1.500" /><path d="M1.800 6.500h12.400M4.500 10h2.500" /></>,
  tag: <><path d="M2 2.500h5.500L14 9l-5 5-6.500-6.500z" /><circle cx="5.300" cy="5.500" r=".9" /></>,
  euro: <path d="M12 4a4.600 4.600 0 1 0 0 8M2.500 6.800h6M2.500 9.200h5.200" />,
  users: <><circle cx="6" cy="5.500" r="2.500" /><path d="M1.500 13.500c0-2.500 2-4 4.500-4s4.500 1.500 4.500 4M10.500 3.200a2.500 2.500 0 0 1 0 4.600M12.300 9.900c1.400.6 2.200 1.900 2.200 3.600" /></>,
  log: <path d="M3 2h7l3 3v9H3zM5.500 7h5M5.500 9.500h5M5.500 12h3" />,
  pulse: <path d="M1.500 8.500h3l2-5 3 9 2-4h3" />,
  gear: <><circle cx="8" cy="8" r="2.200" /><path d="M8 1.500v2M8 12.500v2M1.500 8h2M12.500 8h2M3.400 3.400l1.400 1.400M11.200 11.200l1.400 1.400M3.400 12.600l1.400-1.400M11.200 4.800l1.400-1.400" /></>,
  search: <><circle cx="7" cy="7" r="4.500" /><path d="m10.500 10.500 3.500 3.500" /></>,
  bell: <path d="M4 11V7a4 4 0 0 1 8 0v4l1.200 1.500H2.800zM6.800 14h2.400" />,
  sun: <><circle cx="8" cy="8" r="3" /><path d="M8 1.500v1.300M8 13.200v1.300M1.500 8h1.300M13.200 8h1.300M3.400 3.400l.9.9M11.700 11.700l.9.9M3.400 12.600l.9-.9M11.700 4.300l.9-.9" /></>,
  down: <path d="m4 6 4 4 4-4" />,
  right: <path d="m6 4 4 4-4 4" />,
  left: <path d="m10 4-4 4 4 4" />,
  close: <path d="m4 4 8 8M12 4l-8 8" />,
  check: <path d="m3 8.500 3.300 3.300L13 4.800" />,
  plus: <path d="M8 3v10M3 8h10" />,
  more: <><circle cx="3.500" cy="8" r=".8" fill="currentColor" /><circle cx="8" cy="8" r=".8" fill="currentColor" /><circle cx="12.500" cy="8" r=".8" fill="currentColor" /></>,
  play: <path d="M4.500 3v10l8-5z" />,
  stop: <rect x="4" y="4" width="8" height="8" rx="1" />,
  unlock: <><rect x="3" y="7" width="10" height="7" rx="1.300" /><path d="M5.500 7V4.500a2.500 2.500 0 0 1 4.800-1" /></>,
  lock: <><rect x="3" y="7" width="10" height="7" rx="1.300" /><path d="M5.500 7V4.500a2.500 2.500 0 0 1 5 0V7" /></>,
  power: <path d="M8 2v5.500M4.800 4.200a5 5 0 1 0 6.400 0" />,
  warn: <><path d="M8 2 14.500 13.500h-13zM8 6.500v3.300" /><circle cx="8" cy="11.700" r=".5" fill="currentColor" /></>,
  clock: <><circle cx="8" cy="8" r="6" /><path d="M8 4.500V8l2.500 1.500" /></>,
  copy: <><rect x="5.500" y="5.500" width="8" height="8.500" rx="1.200" /><path d="M10.500 3.500v-1h-8v9h1" /></>,
  filter: <path d="M2 3.500h12M4.500 8h7M6.500 12.500h3" />,
  columns: <><rect x="2" y="3" width="12" height="10" rx="1.200" /><path d="M6 3v10M10 3v10" /></>,
  export: <path d="M8 2v8M5 5l3-3 3 3M2.500 10v3.500h11V10" />,
  star: <path d="m8 2 1.800 3.900 4.200.5-3.100 2.900.8 4.200L8 11.400l-3.700 2.100.8-4.200L2 6.400l4.200-.5z" />,
  wifi: <><path d="M2 6.500a9 9 0 0 1 12 0M4.300 9a5.500 5.500 0 0 1 7.400 0" /><circle cx="8" cy="12" r=".9" fill="currentColor" /></>,
  car: <path d="M2 11V8.500l1.500-.8L5 4.500h6l1.500 3.200 1.500.8V11zM4 11v1.500M12 11v1.500M3.500 7.700h9" />,
  cert: <><path d="M8 1.500 13 3.500v4c0 3.500-2.200 5.700-5 7-2.800-1.300-5-3.500-5-7v-4z" /><path d="m5.800 8 1.600 1.600L10.400 6.500" /></>,
  arrowUp: <path d="M8 13V3M4 7l4-4 4 4" />,
  arrowDown: <path d="M8 3v10M4 9l4 4 4-4" />,
  swap: <path d="M3 5.500h9.500L10 3M13 10.500H3.500L6 13" />,
  grip: <><circle cx="6" cy="4" r=".7" fill="currentColor" /><circle cx="10" cy="4" r=".7" fill="currentColor" /><circle cx="6" cy="8" r=".7" fill="currentColor" /><circle cx="10" cy="8" r=".7" fill="currentColor" /><circle cx="6" cy="12" r=".7" fill="currentColor" /><circle cx="10" cy="12" r=".7" fill="currentColor" /></>,
  receipt: <path d="M3 1.800h10v12.400l-1.700-1.200-1.600 1.200L8 13l-1.700 1.200L4.700 13 3 14.200zM5.500 5.500h5M5.500 8.500h5" />,
  plug: <path d="M5.500 2v3.500M10.500 2v3.500M3.500 5.500h9V8a4.500 4.500 0 0 1-9 0zM8 12.500V15" />,
  code: <path d="m5 4.500-3.500 3.500L5 11.500M11 4.500l3.500 3.500-3.500 3.500M9.200 3 6.800 13" />,
  help: <><circle cx="8" cy="8" r="6" /><path d="M6.200 6.300a1.800 1.800 0 1 1 2.600 1.600c-.6.3-.8.700-.8 1.300" /><circle cx="8" cy="11.300" r=".5" fill="currentColor" /></>,
  dot: <circle cx="8" cy="8" r="3" />,
  moon: <path d="M13.500 9.700A6 6 0 1 1 6.300 2.500a4.800 4.800 0 0 0 7.200 7.200z" />,
  system: <><rect x="2" y="3" width="12" height="8" rx="1.200" /><path d="M6 13.500h4" /></>,
  minus: <path d="M3.500 8h9" />,
  globe: <><circle cx="8" cy="8" r="6" /><path d="M2 8h12M8 2c2 2 2.500 4 2.500 6s-.5 4-2.500 6M8 2c-2 2-2.500 4-2.500 6s.5 4 2.500 6" /></>,
  signOut: <path d="M6.500 2.500h-4v11h4M10 5l3 3-3 3M13 8H6" />,
  edit: <path d="M2.500 13.500l.7-3L10.500 3.200l2.300 2.300-7.300 7.300z" />,
  map: <path d="M2 4l4-1.500 4 1.500 4-1.500v9.500L10 13.500 6 12l-4 1.500zM6 2.500V12M10 4v9.500" />,
  density: <path d="M2 3h12M2 6.300h12M2 9.700h12M2 13h12" />,
} satisfies Record<string, JSX.Element>;

export type IconName = keyof typeof shapes;

/** Props: `name`; `size` in px, 16 by default. Give the control around it the words. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg className={classes["icon"]} viewBox="0 0 16 16" width={size} height={size} aria-hidden="true">
      {shapes[name]}
    </svg>
  );
}
