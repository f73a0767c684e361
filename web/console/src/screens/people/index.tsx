/** People and access: who may come in, as what, and how they prove it. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMay } from "#shared/api/session";
import { Segments } from "#shared/button/Segments";
import { useText } from "#shared/i18n/i18n";
import { Page } from "#shared/page/Page";
import { Refused } from "#shared/page/States";
import { InvitationsTab } from "./InvitationsTab";
import { KeysTab } from "./KeysTab";
import { PartnersTab } from "./PartnersTab";
import { RolesTab } from "./RolesTab";
import { UsersTab } from "./UsersTab";
import { text } from "./text";
import classes from "./people.module.css";

const TABS = [
  { value: "users", permission: "users:read", Part: UsersTab },
  { value: "invitations", permission: "users:read", Part: InvitationsTab },
  { value: "roles", permission: "users:read", Part: RolesTab },
  { value: "partners", permission: "partners:read", Part: PartnersTab },
  { value: "keys", permission: "keys:read", Part: KeysTab },
] as const;

export function Screen() {
  const t = useText(text);
  const may = useMay();
  const navigate = useNavigate();
  const { tab } = useSearch({ strict: false }) as { tab?: string };
  const allowed = TABS.filter((one) => may(one.permission));
  const shown = allowed.find((one) => one.value === tab) ?? allowed[0];
  if (!shown) return <Page crumbs={[{ label: t("title") }]}><Refused what={t("title")} permission="users:read" /></Page>;
  const { Part } = shown;
  return (
    <Page crumbs={[{ label: t("title") }]} fill>
      <div className={classes["tabs"]}>
        <Segments
          label={t("part")}
          value={shown.value}
          onChange={(next) => void navigate({ to: "/people", search: (next === "users" ? {} : { tab: next }) as never })}
          options={allowed.map((one) => ({ value: one.value, label: t(one.value) }))}
        />
      </div>
      <Part key={shown.value} />
    </Page>
  );
}
