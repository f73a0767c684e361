import type { IconName } from "#shared/icon/Icon";
import type { FrameWord } from "./text";

export interface NavItem {
  word: FrameWord;
  to: string;
  icon: IconName;
  /** Second key after `g`. */
  key?: string;
  /** Left out of the navigation for those without it. */
  permission?: string;
}

/** The navigation, in the order of an operator's questions. */
export const NAVIGATION: { question: FrameWord; items: NavItem[] }[] = [
  {
    question: "groupNow",
    items: [
      { word: "overview", to: "/", icon: "overview", key: "o" },
      { word: "inbox", to: "/inbox", icon: "inbox", key: "i", permission: "inbox:read" },
      { word: "alerts", to: "/alerts", icon: "bell", permission: "incidents:read" },
    ],
  },
  {
    question: "groupRun",
    items: [
      { word: "stations", to: "/stations", icon: "station", key: "s", permission: "stations:read" },
      { word: "locations", to: "/locations", icon: "pin", key: "l", permission: "locations:read" },
      { word: "messages", to: "/messages", icon: "code", permission: "messages:read" },
    ],
  },
  {
    question: "groupCharging",
    items: [
      { word: "sessions", to: "/sessions", icon: "bolt", key: "e", permission: "sessions:read" },
      { word: "tokens", to: "/tokens", icon: "card", permission: "tokens:read" },
    ],
  },
  { question: "groupCost", items: [{ word: "tariffs", to: "/tariffs", icon: "tag", key: "t", permission: "tariffs:read" }] },
  {
    question: "groupMay",
    items: [
      { word: "people", to: "/people", icon: "users", permission: "users:read" },
      { word: "audit", to: "/audit", icon: "log", permission: "audit:read" },
    ],
  },
  {
    question: "groupWell",
    items: [
      { word: "system", to: "/system", icon: "pulse", permission: "system:read" },
      { word: "imports", to: "/imports", icon: "down", permission: "stations:write" },
      { word: "settings", to: "/settings", icon: "gear" },
    ],
  },
];

/** The phone's bottom bar; the fifth is "More". */
export const PHONE_BAR = ["/", "/stations", "/sessions", "/inbox"];
