import { useEffect, useState, type Ref } from "react";
import { Icon } from "#shared/icon/Icon";
import classes from "./DataTable.module.css";

/** How long after the last letter the list is asked, in milliseconds. */
const WAIT_MS = 250;

interface SearchFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  ref?: Ref<HTMLInputElement>;
}

/** The words that a list is searched by; `/` goes there, Escape empties it. */
export function SearchField({ label, value, onChange, ref }: SearchFieldProps) {
  const [typed, setTyped] = useState(value);
  const [before, setBefore] = useState(value);
  if (value !== before) {
    setBefore(value);
    setTyped(value);
  }
  useEffect(() => {
    if (typed.trim() === value) return;
    const timer = setTimeout(() => onChange(typed.trim()), WAIT_MS);
    return () => clearTimeout(timer);
    // Only typing starts the wait; a new `onChange` does not.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [typed, value]);
  return (
    <label className={classes["search"]}>
      <Icon name="search" />
      <span className="fc-hidden">{label}</span>
      <input
        ref={ref}
        type="search"
        placeholder={label}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          setTyped("");
          event.currentTarget.blur();
        }}
      />
    </label>
  );
}
