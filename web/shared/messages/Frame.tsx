import { useMemo } from "react";
import { jsonLines } from "./json";
import classes from "./messages.module.css";

/** A frame's JSON as it was written, indented; `marked` are JSONPaths in the frame whose value is offending. */
export function Frame({ text, marked }: { text: string; marked: readonly string[] }) {
  const lines = useMemo(() => jsonLines(text), [text]);
  if (lines === null) return <pre className={classes["frame"]}>{text}</pre>;
  const wrong = (path: string) => marked.some((one) => path === one || path.startsWith(`${one}.`) || path.startsWith(`${one}[`));
  return (
    <pre className={classes["frame"]} tabIndex={0}>
      {lines.map((line, index) => (
        <span key={index} className={classes["line"]} style={{ paddingLeft: `${line.depth * 2}ch` }}>
          {line.tokens.map((token, at) => (
            <span key={at} data-kind={token.kind} data-wrong={(token.kind !== "mark" && wrong(token.path)) || undefined}>{token.text}</span>
          ))}
          {"\n"}
        </span>
      ))}
    </pre>
  );
}
