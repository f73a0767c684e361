import { Menu } from "@mantine/core";
import { Button } from "#shared/button/Button";
import { useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { shownColumns, type Column } from "./columns";
import { useDensity, type Density } from "./density";
import { text } from "./text";
import type { TableState } from "./useTableState";

/** Which columns, and how high the rows. */
export function TableSettings<Row>({ columns, state }: { columns: readonly Column<Row>[]; state: TableState }) {
  const t = useText(text);
  const [density, setDensity] = useDensity();
  const shown = shownColumns(columns, state.address.columns).map((column) => column.id);
  const toggle = (id: string) => {
    const next = shown.includes(id) ? shown.filter((one) => one !== id) : [...shown, id];
    const usual = shownColumns(columns, null).map((column) => column.id);
    const same = next.length === usual.length && usual.every((one) => next.includes(one));
    state.change({ columns: same ? null : columns.map((column) => column.id).filter((one) => next.includes(one)) });
  };
  const tick = (on: boolean) => (on ? <Icon name="check" /> : <span style={{ width: 16 }} />);
  return (
    <Menu closeOnItemClick={false} position="bottom-end" width={210}>
      <Menu.Target>
        <Button size="sm" icon="columns">{t("columns")}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {columns.filter((column) => !column.names).map((column) => (
          <Menu.Item key={column.id} role="menuitemcheckbox" aria-checked={shown.includes(column.id)} leftSection={tick(shown.includes(column.id))} onClick={() => toggle(column.id)}>
            {column.header}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Label>{t("density")}</Menu.Label>
        {(["compact", "default", "relaxed"] as Density[]).map((name) => (
          <Menu.Item key={name} role="menuitemradio" aria-checked={density === name} leftSection={tick(density === name)} onClick={() => setDensity(name)}>
            {t(name)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
