import { Menu } from "@mantine/core";
import { useMemo } from "react";
import { Button } from "#shared/button/Button";
import { Time } from "#shared/format/Time";
import { useLanguage, useText } from "#shared/i18n/i18n";
import { Marked } from "#shared/state/StateMark";
import type { Column } from "#shared/table/columns";
import { oneLine } from "#shared/tariff/posted";
import type { TariffRow } from "./rows";
import { text } from "./text";
import classes from "./tariffs.module.css";

type T = ReturnType<typeof useText<keyof (typeof text)["en"]>>;

/** `whole operator, 2 locations`. */
export function placesOf(row: TariffRow, t: T): string {
  const parts = [
    ...(row.everywhere ? [t("everywhere")] : []),
    ...(row.locations > 0 ? [t("locations", { count: row.locations })] : []),
    ...(row.evses > 0 ? [t("evses", { count: row.evses })] : []),
  ];
  return parts.join(", ") || t("nowhere");
}

interface Actions {
  zone: string;
  may: boolean;
  onDuplicate: (row: TariffRow) => void;
  onRetire: (row: TariffRow) => void;
}

/** The table's columns. */
export function useTariffColumns({ zone, may, onDuplicate, onRetire }: Actions): Column<TariffRow>[] {
  const t = useText(text);
  const { language } = useLanguage();
  return useMemo<Column<TariffRow>[]>(
    () => [
      { id: "name", header: t("name"), sort: "name", names: true, phone: "title", cell: (row) => row.name },
      { id: "state", header: t("state"), width: 190, phone: "side", cell: (row) => <States row={row} t={t} /> },
      { id: "pays", header: t("pays"), phone: "sub", cell: (row) => <span className={classes["pays"]}>{oneLine(row.posted, row.currency, language)}</span> },
      { id: "currency", header: t("currency"), sort: "currency", width: 90, cell: (row) => row.currency },
      { id: "applies", header: t("applies"), width: 190, phone: "subside", cell: (row) => <span className={row.everywhere || row.locations || row.evses ? undefined : classes["quiet"]}>{placesOf(row, t)}</span> },
      { id: "since", header: t("since"), width: 130, cell: (row) => (row.live_since ? <Time at={row.live_since} zone={zone} style="date" /> : "") },
      { id: "created", header: t("created"), sort: "created_at", width: 130, hidden: true, cell: (row) => <Time at={row.created_at} zone={zone} style="date" /> },
      ...(may
        ? [{
            id: "actions", header: "", width: 52,
            cell: (row: TariffRow) => (
              <Menu position="bottom-end">
                <Menu.Target><Button kind="quiet" size="sm" icon="more" aria-label={t("actions", { name: row.name })} /></Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item onClick={() => onDuplicate(row)}>{t("duplicate")}</Menu.Item>
                  {row.archived_at ? null : <Menu.Item color="red" onClick={() => onRetire(row)}>{t("retire")}</Menu.Item>}
                </Menu.Dropdown>
              </Menu>
            ),
          }]
        : []),
    ],
    [t, language, zone, may, onDuplicate, onRetire],
  );
}

function States({ row, t }: { row: TariffRow; t: T }) {
  if (row.archived_at) return <Marked mark="void" colour="unavailable" word={t("retired_")} />;
  return (
    <span className={classes["states"]}>
      {row.live_version === null ? null : <Marked mark="done" colour="available" word={`${t("live_")} v${row.live_version}`} />}
      {row.scheduled_version === null ? null : <Marked mark="reserved" colour="reserved" word={`${t("scheduled_")} v${row.scheduled_version}`} />}
      {row.draft_version === null ? null : <Marked mark="draft" colour="unavailable" word={`${t("draft_")} v${row.draft_version}`} />}
    </span>
  );
}
