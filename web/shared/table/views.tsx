/** Saved views: the table's usual ones, and the viewer's own, which follow the person. */
import { Popover } from "@mantine/core";
import { useState } from "react";
import { usePreference } from "#shared/api/preferences";
import { Button } from "#shared/button/Button";
import { TextField } from "#shared/form/fields";
import { useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { sameView, type TableView } from "./state";
import { text } from "./text";
import type { TableState } from "./useTableState";
import classes from "./DataTable.module.css";

export interface NamedView extends Partial<TableView> {
  name: string;
  /** How many rows it has, if known. */
  count?: number | undefined;
}

interface ViewTabsProps {
  /** Of the table, for what is kept: "stations". */
  table: string;
  state: TableState;
  /** The first is the plain one. */
  views: readonly NamedView[];
}

const NONE: NamedView[] = [];

/** Views as tabs, and a way to keep the present one. */
export function ViewTabs({ table, state, views }: ViewTabsProps) {
  const t = useText(text);
  const [own, setOwn] = usePreference<NamedView[]>(`views/${table}`, NONE);
  const full = (view: NamedView): TableView => ({
    q: view.q ?? "", sort: view.sort ?? state.defaultSort, filters: view.filters ?? {}, columns: view.columns ?? null,
  });
  const all = [...views, ...own];
  const shown = all.findIndex((view) => sameView(full(view), state.address));
  return (
    <div className={classes["views"]} role="group" aria-label={t("views")}>
      {all.map((view, index) => (
        <span key={`${index}-${view.name}`} className={classes["view"]} data-on={index === shown || undefined}>
          <button type="button" aria-pressed={index === shown} onClick={() => state.change(full(view))}>
            {view.name}
            {view.count === undefined ? null : <small>{view.count}</small>}
          </button>
          {index >= views.length && index === shown ? (
            <button type="button" aria-label={t("removeView", { name: view.name })} onClick={() => setOwn(own.filter((one) => one !== view))}>
              <Icon name="close" size={12} />
            </button>
          ) : null}
        </span>
      ))}
      {shown < 0 ? <SaveView onSave={(name) => setOwn([...own, { name, ...full({ name, ...state.address }) }])} /> : null}
    </div>
  );
}

function SaveView({ onSave }: { onSave: (name: string) => void }) {
  const t = useText(text);
  const [opened, setOpened] = useState(false);
  const [name, setName] = useState("");
  const save = () => {
    if (name.trim() === "") return;
    onSave(name.trim());
    setOpened(false);
    setName("");
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" trapFocus>
      <Popover.Target>
        <button type="button" className={classes["saveView"]} onClick={() => setOpened(!opened)}>
          <Icon name="plus" /> {t("saveView")}
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          className={classes["saveForm"]}
          onSubmit={(event) => {
            event.preventDefault();
            save();
          }}
        >
          <TextField label={t("viewName")} value={name} onChange={setName} maxLength={40} />
          <Button type="submit" kind="primary" disabled={name.trim() === ""}>{t("save")}</Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
