/** A new tariff: its name and base price are enough, the rest is said in the editor. Or a copy, or an OCPI object. */
import { Modal } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, ApiError, data } from "#shared/api/client";
import { useMe } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { Fields, NumberField, readDecimal, SelectField, TextField } from "#shared/form/fields";
import { useText } from "#shared/i18n/i18n";
import { Note } from "#shared/page/Page";
import type { TariffRow } from "./rows";
import { text } from "./text";
import classes from "./tariffs.module.css";

type Body = { tariff: Record<string, unknown> } | { ocpi_tariff: Record<string, unknown> };

/** Creates it and opens its draft; answers why not, in words. */
function useCreate() {
  const t = useText(text);
  const client = useQueryClient();
  const navigate = useNavigate();
  return async (name: string, body: Body): Promise<{ field: "name" | null; words: string } | null> => {
    try {
      const made = await data(api.POST("/api/v1/tariffs", { body: { name, ...body } }));
      await client.invalidateQueries({ queryKey: ["tariffs"] });
      await navigate({ to: `/tariffs/${made.id}` });
      return null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === "TariffNameTaken") return { field: "name", words: t("nameTaken") };
      const why = String(error.params["what"] ?? error.detail);
      return { field: null, words: t(error.code === "TariffRefused" ? "refused" : "failed", { why }) };
    }
  };
}

export function NewTariff({ onClose }: { onClose: () => void }) {
  const t = useText(text);
  const me = useMe();
  const create = useCreate();
  const [name, setName] = useState("");
  const [currency, setCurrency] = useState(me.operator.currency);
  const [price, setPrice] = useState("");
  const [vat, setVat] = useState("");
  const [mode, setMode] = useState("included");
  const [errors, setErrors] = useState<Record<string, string>>({});
  const send = async () => {
    const [amount, percent] = [readDecimal(price), vat.trim() === "" ? "" : readDecimal(vat)];
    const wrong: Record<string, string> = {};
    if (name.trim() === "") wrong["name"] = t("needName");
    if (!/^[A-Z]{3}$/.test(currency)) wrong["currency"] = t("needCurrency");
    if (amount === null) wrong["price"] = t("needPrice");
    if (percent === null || Number(percent) < 0 || Number(percent) > 100) wrong["vat"] = t("needVat");
    setErrors(wrong);
    if (Object.keys(wrong).length > 0) return;
    const refused = await create(name.trim(), {
      tariff: {
        currency,
        ...(mode === "included" ? { tax_included: true } : {}),
        elements: [{ prices: [{ dimension: "energy", price: amount, ...(percent ? { tax_percent: percent } : {}) }] }],
      },
    });
    if (refused) setErrors({ [refused.field ?? "form"]: refused.words });
  };
  return (
    <Modal opened onClose={onClose} title={t("newTitle")} size={520} closeButtonProps={{ "aria-label": t("close") }}>
      <form
        className={classes["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <TextField label={t("nameLabel")} value={name} onChange={setName} error={errors["name"]} maxLength={200} data-autofocus />
        <Fields columns={2}>
          <TextField label={t("currencyLabel")} value={currency} onChange={(value) => setCurrency(value.toUpperCase())} error={errors["currency"]} maxLength={3} />
          <NumberField label={t("basePrice")} value={price} onChange={setPrice} unit={currency} error={errors["price"]} />
          <SelectField label={t("vatMode")} value={mode} onChange={setMode} options={[{ value: "included", label: t("vatIncluded") }, { value: "excluded", label: t("vatExcluded") }]} />
          <NumberField label={t("vat")} value={vat} onChange={setVat} unit="%" error={errors["vat"]} />
        </Fields>
        {errors["form"] ? <Note tone="bad">{errors["form"]}</Note> : null}
        <footer>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" kind="primary">{t("create")}</Button>
        </footer>
      </form>
    </Modal>
  );
}

export function DuplicateTariff({ row, onClose }: { row: TariffRow; onClose: () => void }) {
  const t = useText(text);
  const create = useCreate();
  const [name, setName] = useState(t("copyOf", { name: row.name }));
  const [error, setError] = useState<string | null>(null);
  const send = async () => {
    if (name.trim() === "") return setError(t("needName"));
    const number = row.shown_version ?? 1;
    const version = await data(api.GET("/api/v1/tariffs/{tariff}/versions/{number}", { params: { path: { tariff: row.id, number } } }));
    const refused = await create(name.trim(), { tariff: version.tariff });
    if (refused) setError(refused.words);
  };
  return (
    <Modal opened onClose={onClose} title={t("duplicateTitle", { name: row.name })} size={480} closeButtonProps={{ "aria-label": t("close") }}>
      <form
        className={classes["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <TextField label={t("nameLabel")} value={name} onChange={setName} error={error ?? undefined} maxLength={200} data-autofocus />
        <footer>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" kind="primary">{t("create")}</Button>
        </footer>
      </form>
    </Modal>
  );
}

export function ImportTariff({ onClose }: { onClose: () => void }) {
  const t = useText(text);
  const create = useCreate();
  const [name, setName] = useState("");
  const [json, setJson] = useState("");
  const [errors, setErrors] = useState<Record<string, string>>({});
  const send = async () => {
    if (name.trim() === "") return setErrors({ name: t("needName") });
    let read: unknown;
    try {
      read = JSON.parse(json);
    } catch {
      return setErrors({ json: t("notJson") });
    }
    const refused = await create(name.trim(), { ocpi_tariff: read as Record<string, unknown> });
    if (refused) setErrors({ [refused.field ?? "json"]: refused.words });
  };
  return (
    <Modal opened onClose={onClose} title={t("importTitle")} size={640} closeButtonProps={{ "aria-label": t("close") }}>
      <form
        className={classes["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <TextField label={t("nameLabel")} value={name} onChange={setName} error={errors["name"]} maxLength={200} data-autofocus />
        <TextField label={t("importLabel")} value={json} onChange={setJson} error={errors["json"]} rows={12} mono />
        <input type="file" accept="application/json,.json" aria-label={t("importFile")} onChange={(event) => void event.currentTarget.files?.[0]?.text().then(setJson)} />
        <footer>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" kind="primary">{t("importVerb")}</Button>
        </footer>
      </form>
    </Modal>
  );
}
