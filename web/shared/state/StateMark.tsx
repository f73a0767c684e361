import type { CSSProperties } from "react";
import { Tooltip } from "@mantine/core";
import { useLanguage } from "#shared/i18n/i18n";
import type { Token } from "#shared/theme/tokens";
import { marks, type Mark } from "./marks";
import { LOOKS, type ConnectorState } from "./vocabulary";
import classes from "./StateMark.module.css";

interface StateMarkProps {
  state: ConnectorState | "unknown";
  /** `word`: mark and word (default); `pill`: on its soft colour; `mark`: alone, with the word on hover. */
  as?: "word" | "pill" | "mark";
  /** Instead of the state's own word, e.g. "Needs help". */
  word?: string;
  size?: number;
}

/** The state of a connector or station: colour, shape and word. */
export function StateMark({ state, as = "word", word, size = 16 }: StateMarkProps) {
  const { language } = useLanguage();
  const look = LOOKS[state];
  return <Marked mark={look.mark} colour={look.colour} word={word ?? look[language]} as={as} size={size} />;
}

interface MarkedProps {
  mark: Mark;
  /** Name of the token; `-soft` of it is behind a pill. */
  colour: Token;
  word: string;
  as?: "word" | "pill" | "mark";
  size?: number;
}

/** A mark of the vocabulary with words of one's own: documents, payments, commands (guide, section 12). */
export function Marked({ mark, colour, word, as = "word", size = 16 }: MarkedProps) {
  const style = { "--c": `var(--fc-${colour})`, "--s": `var(--fc-${colour}-soft, var(--fc-sunken))` } as CSSProperties;
  if (as === "mark") {
    return (
      <Tooltip label={word}>
        <span className={classes["mark"]} style={style} role="img" aria-label={word}>
          <svg viewBox="0 0 16 16" width={size} height={size} aria-hidden="true">{marks[mark]}</svg>
        </span>
      </Tooltip>
    );
  }
  return (
    <span className={classes["state"]} data-pill={as === "pill" || undefined} style={style}>
      <svg viewBox="0 0 16 16" width={size} height={size} aria-hidden="true">{marks[mark]}</svg>
      {word}
    </span>
  );
}
