import { Modal } from "@mantine/core";
import { defineText, useText } from "#shared/i18n/i18n";
import { text as frameText } from "./text";
import classes from "./Help.module.css";

const text = defineText(
  {
    title: "Keyboard shortcuts", palette: "Find or do anything", search: "Search this list", goTo: "Go to {name}", move: "Move in a list",
    select: "Select", open: "Open", edit: "Edit", new: "New", retry: "Try again", page: "Previous and next page", help: "This list", back: "Back, close", then: "then",
    inLists: "In lists", everywhere: "Everywhere",
  },
  {
    title: "Tastenkürzel", palette: "Finden oder tun", search: "Diese Liste durchsuchen", goTo: "Zu {name}", move: "In einer Liste bewegen",
    select: "Auswählen", open: "Öffnen", edit: "Bearbeiten", new: "Neu", retry: "Erneut versuchen", page: "Vorige und nächste Seite", help: "Diese Liste", back: "Zurück, schließen", then: "dann",
    inLists: "In Listen", everywhere: "Überall",
  },
);

/** The shortcuts, as `?` shows them. */
export function Help({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const t = useText(text);
  const w = useText(frameText);
  const mod = navigator.platform.startsWith("Mac") ? "⌘" : "Ctrl";
  const go = (key: string, name: string): [string[], string] => [["g", key], t("goTo", { name })];
  const everywhere: [string[], string][] = [
    [[mod, "K"], t("palette")],
    go("o", w("overview")), go("s", w("stations")), go("l", w("locations")), go("e", w("sessions")), go("t", w("tariffs")), go("i", w("inbox")),
    [["?"], t("help")],
    [["Esc"], t("back")],
  ];
  const lists: [string[], string][] = [
    [["/"], t("search")], [["j"], t("move")], [["k"], t("move")], [["x"], t("select")], [["Enter"], t("open")],
    [["e"], t("edit")], [["n"], t("new")], [["r"], t("retry")], [["[", "]"], t("page")],
  ];
  return (
    <Modal opened={opened} onClose={onClose} title={t("title")} size={620} closeButtonProps={{ "aria-label": w("close") }}>
      <div className={classes["columns"]}>
        <Keys title={t("everywhere")} rows={everywhere} />
        <Keys title={t("inLists")} rows={lists} />
      </div>
    </Modal>
  );
}

function Keys({ title, rows }: { title: string; rows: [string[], string][] }) {
  return (
    <section>
      <h2>{title}</h2>
      <dl className={classes["keys"]}>
        {rows.map(([keys, words]) => (
          <div key={keys.join()}>
            <dt>{words}</dt>
            <dd>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
