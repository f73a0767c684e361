import { Menu } from "@mantine/core";
import { useMe, useSignOut } from "#shared/api/session";
import { useLanguage, useText, type Language } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { Logo } from "./Logo";
import { text } from "./text";
import classes from "./Shell.module.css";

const LANGUAGES: Record<Language, string> = { en: "English", de: "Deutsch" };

/** The operator that is shown, and what belongs to the viewer: language, shortcuts, another operator, sign out. */
export function OperatorMenu({ onHelp }: { onHelp: () => void }) {
  const t = useText(text);
  const me = useMe();
  const signOut = useSignOut();
  const { language, setLanguage } = useLanguage();
  return (
    <Menu width={230} position="bottom-start">
      <Menu.Target>
        <button type="button" className={classes["operator"]} aria-label={t("menu", { name: me.operator.name })}>
          <Logo />
          <span>{me.operator.name}</span>
          <Icon name="down" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("language")}</Menu.Label>
        {(Object.keys(LANGUAGES) as Language[]).map((name) => (
          <Menu.Item key={name} lang={name} onClick={() => setLanguage(name)} rightSection={name === language ? <Icon name="check" /> : null}>
            {LANGUAGES[name]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<Icon name="help" />} rightSection={<kbd>?</kbd>} onClick={onHelp}>{t("help")}</Menu.Item>
        <Menu.Item leftSection={<Icon name="swap" />} onClick={() => void signOut()}>{t("otherOperator")}</Menu.Item>
        <Menu.Item leftSection={<Icon name="signOut" />} onClick={() => void signOut()}>{t("signOut")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
