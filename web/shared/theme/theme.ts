import { createTheme, rem, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";
import { tokens } from "./tokens";

const petrol: MantineColorsTuple = [
  "#eef8f9", "#dff0f2", "#b9e0e5", "#84cfd9", "#4fbccb", "#2a9dae", "#147f90", "#0a6573", "#084f5a", "#053b45",
];

/** Mantine's theme, from the design guide, section 2. */
export const theme = createTheme({
  primaryColor: "petrol",
  primaryShade: { light: 7, dark: 4 },
  colors: { petrol },
  autoContrast: true,
  luminanceThreshold: 0.35,
  black: "#12201f",
  fontFamily: '"Inter Variable", Inter, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
  fontFamilyMonospace:
    '"JetBrains Mono Variable", "JetBrains Mono", ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace',
  defaultRadius: 6,
  respectReducedMotion: true,
  focusClassName: "fc-focus",
  fontSizes: { xs: rem(11), sm: rem(12), md: rem(13), lg: rem(16), xl: rem(20) },
  spacing: { xs: rem(6), sm: rem(8), md: rem(14), lg: rem(20) },
  components: {
    Button: { defaultProps: { size: "compact", variant: "default" } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: false, transitionProps: { duration: 120 } } },
    Modal: { defaultProps: { centered: true, radius: 12, transitionProps: { duration: 120 } } },
    Menu: { defaultProps: { shadow: "md", transitionProps: { duration: 80 } } },
    Popover: { defaultProps: { shadow: "md", transitionProps: { duration: 80 } } },
  },
});

/** Gives the tokens to CSS as `--fc-NAME`, and Mantine its own variables in our colours. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: scheme(tokens.light),
  dark: scheme(tokens.dark),
});

function scheme(colours: Record<string, string>): Record<string, string> {
  const own = Object.fromEntries(Object.entries(colours).map(([name, value]) => [`--fc-${name}`, value]));
  return {
    ...own,
    "--mantine-color-body": "var(--fc-bg)",
    "--mantine-color-text": "var(--fc-text)",
    "--mantine-color-dimmed": "var(--fc-text-3)",
    "--mantine-color-placeholder": "var(--fc-text-3)",
    "--mantine-color-error": "var(--fc-danger)",
    "--mantine-color-default": "var(--fc-surface)",
    "--mantine-color-default-hover": "var(--fc-inset)",
    "--mantine-color-default-color": "var(--fc-text)",
    "--mantine-color-default-border": "var(--fc-border-2)",
    "--mantine-color-disabled": "var(--fc-sunken)",
    "--mantine-color-disabled-color": "var(--fc-text-3)",
    "--mantine-shadow-md": "var(--fc-shadow-2)",
  };
}
