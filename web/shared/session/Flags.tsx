import { Tooltip } from "@mantine/core";
import { useText } from "#shared/i18n/i18n";
import { Tag } from "#shared/page/Page";
import { flagWord, isSerious } from "./looks";
import { text } from "./text";

/** The doubts about a session's data: the first in words, how many more; all of them on hover. */
export function Flags({ flags, most = 1 }: { flags: readonly string[]; most?: number }) {
  const t = useText(text);
  if (flags.length === 0) return null;
  const sorted = [...flags].sort((a, b) => Number(isSerious(b)) - Number(isSerious(a)));
  const words = sorted.map((flag) => {
    const word = flagWord(flag);
    return word === null ? flag : t(word);
  });
  const shown = words.slice(0, most);
  return (
    <Tooltip label={words.join(", ")} disabled={words.length <= most}>
      <span style={{ display: "inline-flex", gap: 4, flexWrap: "wrap" }}>
        {shown.map((word, index) => (
          <Tag key={word} {...(isSerious(sorted[index] ?? "") ? { tone: "warn" as const } : {})}>
            {word}
            {index === shown.length - 1 && words.length > most ? ` +${words.length - most}` : ""}
          </Tag>
        ))}
      </span>
    </Tooltip>
  );
}

/** A token shown to those who need not know all of it: its last four characters. */
export function maskToken(token: string | null): string | null {
  return token === null || token.startsWith("··") ? token : `··${token.slice(-4)}`;
}
