/** The command palette: go anywhere, do anything. Ctrl/⌘ K. */
import { Modal } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState, type KeyboardEvent } from "react";
import { useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { searchQuery } from "./search";
import { paletteText } from "./paletteText";
import { usePaletteEntries, type PaletteAction, type PaletteEntry } from "./usePaletteEntries";
import classes from "./Palette.module.css";

/** The palette's dialog. */
export function Palette({ initial, offered, onClose }: { initial: string; offered: PaletteAction[]; onClose: () => void }) {
  const t = useText(paletteText);
  const navigate = useNavigate();
  const [words, setWords] = useState(initial);
  const [asked] = useDebouncedValue(words, 120);
  const [chosen, setChosen] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const found = useQuery({ ...searchQuery(asked), placeholderData: keepPreviousData });
  const entries = usePaletteEntries(words, found.data, offered);

  const take = (entry: PaletteEntry | undefined, newTab: boolean) => {
    if (!entry) return;
    onClose();
    if (entry.to === undefined) entry.run?.();
    else if (newTab) window.open(`/console${entry.to}`, "_blank", "noopener");
    else void navigate({ to: entry.to });
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const next = (chosen + step + entries.length) % Math.max(1, entries.length);
      setChosen(next);
      list.current?.querySelector(`[data-index="${next}"]`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      event.preventDefault();
      take(entries[chosen], event.ctrlKey || event.metaKey);
    }
  };
  return (
    <Modal opened onClose={onClose} withCloseButton={false} centered={false} yOffset={96} size={640} padding={0} aria-label={t("title")}>
    <div onKeyDown={press}>
      <div className={classes["input"]}>
        <Icon name="search" />
        <input
          data-autofocus
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={entries[chosen] ? `palette-${chosen}` : undefined}
          aria-label={t("title")}
          placeholder={t("placeholder")}
          autoComplete="off"
          spellCheck={false}
          value={words}
          onChange={(event) => {
            setWords(event.currentTarget.value);
            setChosen(0);
          }}
        />
        <kbd>Esc</kbd>
      </div>
      <div id="palette-list" className={classes["list"]} role="listbox" aria-label={t("title")} ref={list}>
        {entries.map((entry, index) => (
          <div key={entry.key}>
            {entry.group !== entries[index - 1]?.group ? <div className={classes["group"]} role="presentation">{entry.group}</div> : null}
            <div
              id={`palette-${index}`}
              data-index={index}
              role="option"
              aria-selected={index === chosen}
              className={classes["entry"]}
              onMouseMove={() => setChosen(index)}
              onClick={(event) => take(entry, event.ctrlKey || event.metaKey)}
            >
              {entry.mark}
              <span>
                <b className={entry.mono ? "fc-mono" : undefined}>{entry.label}</b> {entry.detail}
              </span>
              <small>{index === chosen ? <kbd>Enter</kbd> : entry.note}</small>
            </div>
          </div>
        ))}
        {entries.length === 0 ? <p className={classes["none"]}>{found.isFetching ? t("searching") : t("none")}</p> : null}
      </div>
      <footer className={classes["foot"]}>
        <span><kbd>↑</kbd> <kbd>↓</kbd> {t("move")}</span>
        <span><kbd>Enter</kbd> {t("do")}</span>
        <span><kbd>Ctrl</kbd> <kbd>Enter</kbd> {t("newTab")}</span>
        <span className={classes["space"]} />
        <span><kbd>&gt;</kbd> {t("actions")}</span>
        <span><kbd>#</kbd> {t("sessions")}</span>
        <span><kbd>@</kbd> {t("people")}</span>
      </footer>
    </div>
    </Modal>
  );
}
