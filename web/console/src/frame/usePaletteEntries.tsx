import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useMay, useSignOut } from "#shared/api/session";
import { useCommands } from "#shared/command/CommandsProvider";
import { sendCommand } from "#shared/command/useCommand";
import { ApiError } from "#shared/api/client";
import { useLanguage, useText } from "#shared/i18n/i18n";
import { Icon, type IconName } from "#shared/icon/Icon";
import { StateMark } from "#shared/state/StateMark";
import { LOOKS, type ConnectorState } from "#shared/state/vocabulary";
import { NAVIGATION } from "./navigation";
import { paletteText } from "./paletteText";
import { useScheme } from "./scheme";
import type { Found } from "./search";
import { text } from "./text";

/** Something a screen offers to do. */
export interface PaletteAction {
  label: string;
  icon: IconName;
  run: () => void;
}

export interface PaletteEntry {
  key: string;
  group: string;
  mark: ReactNode;
  label: string;
  detail?: string;
  note?: string;
  mono?: boolean;
  to?: string;
  run?: () => void;
}

const ICONS: Record<string, IconName> = { location: "pin", session: "bolt", token: "card", tariff: "tag", user: "users" };
const PATHS: Record<string, (hit: Found["items"][number]) => string> = {
  station: (hit) => `/stations/${hit.id}`,
  location: (hit) => `/locations/${hit.id}`,
  session: (hit) => `/sessions/${hit.id}`,
  token: (hit) => `/tokens?token=${hit.id}`,
  tariff: (hit) => `/tariffs/${hit.id}`,
  user: (hit) => `/people?user=${hit.id}`,
};

/** What the palette shows for the words: actions first, then pages, then what was found. */
export function usePaletteEntries(words: string, found: Found | undefined, offered: PaletteAction[]): PaletteEntry[] {
  const t = useText(paletteText);
  const w = useText(text);
  const may = useMay();
  const navigate = useNavigate();
  const signOut = useSignOut();
  const { scheme, setScheme } = useScheme();
  const { language, setLanguage } = useLanguage();
  const reset = useAskReset();

  const plain = words.replace(/^\s*[>#@]/, "").trim().toLowerCase();
  const onlyActions = words.trimStart().startsWith(">");
  const fits = (label: string) => plain === "" || label.toLowerCase().includes(plain);
  const entries: PaletteEntry[] = [];
  const add = (entry: PaletteEntry) => entries.push(entry);

  const hits = onlyActions || plain.length < 2 ? [] : (found?.items ?? []);
  if (may("stations:command") && /^(reset|neustart|restart)\b/i.test(plain)) {
    for (const hit of hits.filter((one) => one.kind === "station").slice(0, 3)) {
      add({
        key: `reset-${hit.id}`, group: t("groupDo"), mark: <Icon name="power" />, label: t("reset", { name: hit.title }),
        detail: hit.detail ?? "", note: t("resetAsks"), run: () => void reset(hit.id, hit.title, hit.detail),
      });
    }
  }
  for (const action of offered.filter((one) => fits(one.label))) {
    add({ key: `do-${action.label}`, group: t("groupDo"), mark: <Icon name={action.icon} />, label: action.label, run: action.run });
  }
  if (onlyActions || plain !== "") {
    const own: PaletteAction[] = [
      { label: scheme === "dark" ? t("light") : t("dark"), icon: scheme === "dark" ? "sun" : "moon", run: () => setScheme(scheme === "dark" ? "light" : "dark") },
      { label: t("language"), icon: "globe", run: () => setLanguage(language === "en" ? "de" : "en") },
      { label: t("signOut"), icon: "signOut", run: () => void signOut() },
    ];
    for (const action of own.filter((one) => fits(one.label))) {
      add({ key: `own-${action.label}`, group: t("groupDo"), mark: <Icon name={action.icon} />, label: action.label, run: action.run });
    }
  }
  if (!onlyActions && !/^[#@]/.test(words.trimStart())) {
    for (const item of NAVIGATION.flatMap(({ items }) => items)) {
      if ((!item.permission || may(item.permission)) && fits(w(item.word))) {
        add({
          key: item.to, group: t("groupGo"), mark: <Icon name={item.icon} />, label: w(item.word),
          ...(item.key ? { note: `g ${item.key}` } : {}), run: () => void navigate({ to: item.to }), to: item.to,
        });
      }
    }
  }
  const groups: Record<string, string> = {
    station: t("groupStations"), location: t("groupLocations"), session: t("groupSessions"), token: t("groupTokens"),
    tariff: t("groupTariffs"), user: t("groupUsers"),
  };
  for (const hit of hits) {
    const state = hit.kind === "station" && hit.state ? (hit.state as ConnectorState | "unknown") : null;
    add({
      key: hit.id, group: groups[hit.kind] ?? hit.kind, label: hit.title, detail: hit.detail ?? "",
      mark: state ? <StateMark state={state} as="mark" /> : <Icon name={ICONS[hit.kind] ?? "dot"} />,
      ...(state ? { note: LOOKS[state][language] } : {}), mono: hit.kind === "station" || hit.kind === "token", to: PATHS[hit.kind]?.(hit) ?? "/",
    });
  }
  return entries;
}

/** Asks how, then resets a station. */
export function useAskReset(): (id: string, name: string, place?: string | null) => Promise<void> {
  const t = useText(paletteText);
  const { ask, track, refuse } = useCommands();
  return async (id, name, place) => {
    const title = t("reset", { name });
    const answer = await ask({
      title: place ? t("reset", { name: t("resetNamed", { name, place }) }) : title,
      consequences: [{ text: t("resetBack") }],
      options: [
        { value: "soft", label: t("resetIdle"), help: t("resetIdleHelp") },
        { value: "hard", label: t("resetNow"), help: t("resetNowHelp"), harms: true },
      ],
      verb: t("resetVerb"),
      reason: true,
    });
    if (answer === null) return;
    try {
      const command = await sendCommand(id, "reset", { type: answer.option }, { because: answer.reason || undefined });
      track(command.id, title);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      refuse(title, error);
    }
  };
}
