import { useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { text } from "./text";
import classes from "./messages.module.css";

/** Up: from the station; down: to it. */
export function DirectionMark({ direction }: { direction: "in" | "out" }) {
  const t = useText(text);
  return (
    <span className={classes["dir"]} data-direction={direction} role="img" aria-label={t(direction === "in" ? "from" : "to")} title={t(direction === "in" ? "from" : "to")}>
      <Icon name={direction === "in" ? "arrowUp" : "arrowDown"} size={12} />
    </span>
  );
}
