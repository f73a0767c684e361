/** Settings: one's own account, and the operator. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMay } from "#shared/api/session";
import { Segments } from "#shared/button/Segments";
import { useText } from "#shared/i18n/i18n";
import { Page } from "#shared/page/Page";
import { AccountTab } from "./AccountTab";
import { OperatorTab } from "./OperatorTab";
import { text } from "./text";

export function Screen() {
  const t = useText(text);
  const may = useMay();
  const navigate = useNavigate();
  const { tab } = useSearch({ strict: false }) as { tab?: string };
  const seesOperator = may("settings:read");
  const shown = tab === "operator" && seesOperator ? "operator" : "account";
  return (
    <Page crumbs={[{ label: t("title") }]}>
      {seesOperator ? (
        <div>
          <Segments
            label={t("part")}
            value={shown}
            onChange={(next) => void navigate({ to: "/settings", search: (next === "account" ? {} : { tab: next }) as never })}
            options={[{ value: "account", label: t("account") }, { value: "operator", label: t("operator") }]}
          />
        </div>
      ) : null}
      {shown === "operator" ? <OperatorTab /> : <AccountTab />}
    </Page>
  );
}
