import { useLanguage, useText } from "#shared/i18n/i18n";
import { Marked } from "#shared/state/StateMark";
import { LOOKS } from "#shared/state/vocabulary";
import { sessionLook } from "./looks";
import { text } from "./text";

interface SessionMarkProps {
  state: string;
  /** It has its charge detail record. */
  settled?: boolean;
  as?: "word" | "pill" | "mark";
}

/** The state of a session: colour, shape and word. An ended one is quiet, and settled once it has its record. */
export function SessionMark({ state, settled = false, as = "word" }: SessionMarkProps) {
  const t = useText(text);
  const { language } = useLanguage();
  const look = sessionLook(state, settled);
  const word = look.word === null ? (look.connector === null ? state : LOOKS[look.connector][language]) : t(look.word);
  return <Marked mark={look.mark} colour={look.colour} word={word} as={as} />;
}
