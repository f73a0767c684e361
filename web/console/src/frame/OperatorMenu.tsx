import { Menu } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { api, ApiError, data } from "#shared/api/client";
import { useMe, useSignOut } from "#shared/api/session";
import { useCommands } from "#shared/command/CommandsProvider";
import { useLanguage, useText, type Language } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { useArrival } from "./entry/useArrival";
import { Logo } from "./Logo";
import { text } from "./text";
import classes from "./Shell.module.css";

/** Second factors are large and rare: loaded when somebody is asked for one. */
const Way = lazy(() => import("./entry/ArrivalDialog").then((module) => ({ default: module.ArrivalDialog })));

const LANGUAGES: Record<Language, string> = { en: "English", de: "Deutsch" };

/** The operator that is shown, and what belongs to the viewer: other operators, language, shortcuts, sign out. */
export function OperatorMenu({ onHelp }: { onHelp: () => void }) {
  const t = useText(text);
  const me = useMe();
  const signOut = useSignOut();
  const navigate = useNavigate();
  const { refuse } = useCommands();
  const { language, setLanguage } = useLanguage();
  const arrival = useArrival(() => void navigate({ to: "/" }));
  const others = useQuery({
    queryKey: ["operators", me.id],
    queryFn: () => data(api.GET("/api/v1/me/operators")),
    enabled: me.kind === "user",
    staleTime: 5 * 60_000,
  });
  const change = async (operator: string) => {
    try {
      arrival.take(await data(api.POST("/api/v1/me/operator", { body: { operator } })));
    } catch (error) {
      refuse(t("otherOperator"), error instanceof ApiError ? error : new ApiError(0, "Unexpected", String(error)));
    }
  };
  const speak = (name: Language) => {
    setLanguage(name);
    void api.PATCH("/api/v1/me", { body: { language: name } }).catch(() => undefined);
  };
  const { stage } = arrival;
  return (
    <>
      <Menu width={230} position="bottom-start">
        <Menu.Target>
          <button type="button" className={classes["operator"]} aria-label={t("menu", { name: me.operator.name })}>
            <OperatorSign />
            <span>{me.operator.name}</span>
            <Icon name="down" />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          {(others.data?.items.length ?? 0) > 1 ? (
            <>
              <Menu.Label>{t("operators")}</Menu.Label>
              {others.data?.items.map((one) => (
                <Menu.Item key={one.slug} disabled={one.current} onClick={() => void change(one.slug)} rightSection={one.current ? <Icon name="check" /> : null}>
                  {one.name}
                </Menu.Item>
              ))}
              <Menu.Divider />
            </>
          ) : null}
          <Menu.Label>{t("language")}</Menu.Label>
          {(Object.keys(LANGUAGES) as Language[]).map((name) => (
            <Menu.Item key={name} lang={name} onClick={() => speak(name)} rightSection={name === language ? <Icon name="check" /> : null}>
              {LANGUAGES[name]}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<Icon name="users" />} onClick={() => void navigate({ to: "/settings" })}>{t("ownAccount")}</Menu.Item>
          <Menu.Item leftSection={<Icon name="help" />} rightSection={<kbd>?</kbd>} onClick={onHelp}>{t("help")}</Menu.Item>
          <Menu.Item leftSection={<Icon name="swap" />} onClick={() => void signOut()}>{t("otherOperator")}</Menu.Item>
          <Menu.Item leftSection={<Icon name="signOut" />} onClick={() => void signOut()}>{t("signOut")}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Suspense>{stage.step === "start" ? null : <Way arrival={arrival} />}</Suspense>
    </>
  );
}

/** The operator's own logo, or ours. */
function OperatorSign() {
  const { operator } = useMe();
  if (!operator.logo_sha256) return <Logo />;
  return <img className={classes["sign"]} src={`/api/v1/operator/logo?v=${operator.logo_sha256.slice(0, 12)}`} alt="" />;
}
