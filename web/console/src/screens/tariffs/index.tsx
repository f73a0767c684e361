/** Tariffs: what do drivers pay, and where? */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { useNavigate } from "@tanstack/react-router";
import { api, ApiError } from "#shared/api/client";
import { useMay, useMe } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { useText } from "#shared/i18n/i18n";
import { Page } from "#shared/page/Page";
import { Empty } from "#shared/page/States";
import { DataTable } from "#shared/table/DataTable";
import { useTableState } from "#shared/table/useTableState";
import { usePhone } from "#shared/theme/useSize";
import { placesOf, useTariffColumns } from "./columns";
import { DuplicateTariff, ImportTariff, NewTariff } from "./NewTariff";
import { currenciesQuery, exportUrl, FILTERS, PAGE_SIZE, rowsQuery, type TariffRow } from "./rows";
import { text } from "./text";

type Dialog = { kind: "new" } | { kind: "import" } | { kind: "duplicate"; row: TariffRow } | null;

export function Screen() {
  const t = useText(text);
  const me = useMe();
  const phone = usePhone();
  const may = useMay()("tariffs:write") && !phone;
  const client = useQueryClient();
  const navigate = useNavigate();
  const { ask, say, refuse } = useCommands();
  const state = useTableState({ filters: FILTERS, defaultSort: "name" });
  const query = useQuery(rowsQuery(state.address));
  const currencies = useQuery(currenciesQuery).data;
  const [dialog, setDialog] = useState<Dialog>(null);

  const retire = useCallback(async (row: TariffRow) => {
    const assigned = row.everywhere || row.locations > 0 || row.evses > 0;
    const answer = await ask({
      title: t("retireTitle", { name: row.name }),
      consequences: [{ text: t("retireNext") }, ...(assigned ? [{ text: t("retireAssigned", { where: placesOf(row, t) }), harms: true }] : [])],
      verb: t("retireVerb"), harms: true,
    });
    if (answer === null) return;
    try {
      await api.DELETE("/api/v1/tariffs/{tariff}", { params: { path: { tariff: row.id } } });
      say(t("retiredDone", { name: row.name }));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      refuse(t("retireTitle", { name: row.name }), error.code === "TariffInUse" ? new ApiError(error.status, error.code, t("inUse")) : error);
    }
    await client.invalidateQueries({ queryKey: ["tariffs"] });
  }, [ask, say, refuse, client, t]);

  const columns = useTariffColumns({
    zone: me.operator.time_zone, may,
    onDuplicate: useCallback((row: TariffRow) => setDialog({ kind: "duplicate", row }), []),
    onRetire: useCallback((row: TariffRow) => void retire(row), [retire]),
  });
  const filters = useMemo(() => [
    { name: "state", label: t("state"), options: [{ value: "live", label: t("live_") }, { value: "scheduled", label: t("scheduled_") }, { value: "draft", label: t("draft_") }, { value: "retired", label: t("retired_") }] },
    { name: "currency", label: t("currency"), options: (currencies ?? []).map((code) => ({ value: code, label: code })) },
  ], [t, currencies]);
  const create = may ? <Button kind="primary" icon="plus" onClick={() => setDialog({ kind: "new" })}>{t("newTariff")} <kbd>N</kbd></Button> : null;

  return (
    <Page crumbs={[{ label: t("title") }]} fill>
      <DataTable
        name="tariffs"
        what={t("title")}
        state={state}
        query={query}
        columns={columns}
        filters={filters}
        views={[
          { name: t("all") },
          { name: t("live"), filters: { state: ["live"] } },
          { name: t("planned"), filters: { state: ["scheduled"] } },
          { name: t("drafts"), filters: { state: ["draft"] } },
          { name: t("retired"), filters: { state: ["retired"] } },
        ]}
        rowId={(row) => row.id}
        rowName={(row) => row.name}
        rowHref={(row) => `/tariffs/${row.id}`}
        search={t("search")}
        csv={exportUrl(state.address)}
        pageSize={PAGE_SIZE}
        tools={may ? <><Button size="sm" onClick={() => setDialog({ kind: "import" })}>{t("importOcpi")}</Button><Button size="sm" kind="primary" icon="plus" onClick={() => setDialog({ kind: "new" })}>{t("newTariff")} <kbd>N</kbd></Button></> : undefined}
        {...(may ? { onNew: () => setDialog({ kind: "new" as const }) } : {})}
        onEdit={(row) => void navigate({ to: `/tariffs/${row.id}` })}
        empty={<Empty icon="tag" title={t("emptyTitle")} actions={create}>{t("emptyHelp")}</Empty>}
      />
      {dialog?.kind === "new" ? <NewTariff onClose={() => setDialog(null)} /> : null}
      {dialog?.kind === "import" ? <ImportTariff onClose={() => setDialog(null)} /> : null}
      {dialog?.kind === "duplicate" ? <DuplicateTariff row={dialog.row} onClose={() => setDialog(null)} /> : null}
    </Page>
  );
}
