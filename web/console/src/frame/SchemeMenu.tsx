import { Menu } from "@mantine/core";
import { Button } from "#shared/button/Button";
import { useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { useScheme, type Scheme } from "./scheme";
import { text } from "./text";

const ICON = { light: "sun", dark: "moon", auto: "system" } as const;

/** Light, dark, or as the system. */
export function SchemeMenu() {
  const t = useText(text);
  const { scheme, setScheme } = useScheme();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button kind="quiet" icon={ICON[scheme]} aria-label={t("scheme")} />
      </Menu.Target>
      <Menu.Dropdown>
        {(["light", "dark", "auto"] as Scheme[]).map((name) => (
          <Menu.Item
            key={name}
            leftSection={<Icon name={ICON[name]} />}
            rightSection={name === scheme ? <Icon name="check" /> : null}
            onClick={() => setScheme(name)}
          >
            {t(name)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
