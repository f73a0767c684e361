import { useEffect, useRef } from "react";
import { usePreference } from "#shared/api/preferences";
import { useMe } from "#shared/api/session";
import { setViewerZone } from "#shared/format/format";
import { useLanguage, type Language } from "#shared/i18n/i18n";
import { useScheme, type Scheme } from "./scheme";

/** Brings what the person has chosen elsewhere into this browser: language, time zone, appearance. */
export function useOwnTaste(): void {
  const me = useMe();
  const { language, setLanguage } = useLanguage();
  const { scheme, setScheme } = useScheme();
  const [chosen] = usePreference<Scheme | null>("scheme", null);
  const told = useRef<{ language: string | null; scheme: Scheme | null }>({ language: null, scheme: null });
  // While rendering, so that the first times are written in it.
  setViewerZone(me.time_zone);
  useEffect(() => {
    if (told.current.language === me.language) return;
    told.current.language = me.language;
    if (me.language && me.language !== language) setLanguage(me.language as Language);
  }, [me.language, language, setLanguage]);
  useEffect(() => {
    if (told.current.scheme === chosen) return;
    told.current.scheme = chosen;
    if (chosen && chosen !== scheme) setScheme(chosen);
  }, [chosen, scheme, setScheme]);
}
