import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data, type ApiError } from "#shared/api/client";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { SelectField } from "#shared/form/fields";
import { useText } from "#shared/i18n/i18n";
import { Card, Note } from "#shared/page/Page";
import { kindsQuery, runQuery, type Run } from "./api";
import { text } from "./text";
import { useWords } from "./useWords";
import classes from "./imports.module.css";

/** Which column is which field. */
export function Mapping({ run }: { run: Run }) {
  const t = useText(text);
  const words = useWords();
  const client = useQueryClient();
  const { refuse } = useCommands();
  const fields = useQuery(kindsQuery).data?.find((kind) => kind.kind === run.kind)?.fields ?? [];
  const [mapping, setMapping] = useState<Record<string, number>>(run.mapping);
  const changed = JSON.stringify(Object.entries(mapping).toSorted()) !== JSON.stringify(Object.entries(run.mapping).toSorted());
  const checking = useMutation({
    mutationFn: () => data(api.POST("/api/v1/imports/{run}/check", { params: { path: { run: run.id } }, body: { mapping } })),
    onSuccess: (next) => {
      client.setQueryData(runQuery(run.id).queryKey, next);
      void client.invalidateQueries({ queryKey: ["imports", run.id, "rows"] });
    },
    onError: (error) => refuse(t("recheck"), error as ApiError),
  });
  const choose = (field: string, column: string) => {
    const rest = Object.entries(mapping).filter(([name, index]) => name !== field && String(index) !== column);
    setMapping(Object.fromEntries(column === "" ? rest : [...rest, [field, Number(column)]]));
  };
  const missing = fields.filter((field) => field.required && mapping[field.name] === undefined);
  return (
    <Card title={t("mapping")} note={t("mappingHelp")}>
      <div className={classes["mapping"]}>
        {fields.map((field) => (
          <SelectField
            key={field.name}
            label={field.required ? `${words.field(field.name)} (${t("required")})` : words.field(field.name)}
            value={mapping[field.name] === undefined ? "" : String(mapping[field.name])}
            onChange={(column) => choose(field.name, column)}
            placeholder={t("notRead")}
            options={run.columns.map((column, index) => ({ value: String(index), label: column || `#${index + 1}` }))}
          />
        ))}
      </div>
      <div className={classes["actions"]}>
        {missing.length > 0 ? <Note tone="warn">{t("missing", { fields: missing.map((field) => words.field(field.name)).join(", ") })}</Note> : null}
        <Button kind={changed ? "primary" : "default"} busy={checking.isPending} onClick={() => checking.mutate()}>{t("recheck")}</Button>
      </div>
    </Card>
  );
}
