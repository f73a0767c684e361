import classes from "./Segments.module.css";

interface SegmentsProps {
  /** What is switched, for screen readers. */
  label: string;
  value: string;
  onChange: (value: string) => void;
  options: readonly { value: string; label: string }[];
}

/** A switch between a few ways to show the same: Table or Map; Day, Week, Month. */
export function Segments({ label, value, onChange, options }: SegmentsProps) {
  return (
    <div className={classes["segments"]} role="group" aria-label={label}>
      {options.map((option) => (
        <button key={option.value} type="button" aria-pressed={option.value === value} onClick={() => onChange(option.value)}>
          {option.label}
        </button>
      ))}
    </div>
  );
}
