import classes from "./Shell.module.css";

export function Logo({ size = 24 }: { size?: number }) {
  return (
    <span className={classes["logo"]} style={{ width: size, height: size }} aria-hidden="true">
      <svg width={(size * 2) / 3} height={(size * 2) / 3} viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round">
        <path d="M2 5.5h12M4.5 5.5V14M11 14V9.5l-2.5 0L11 5.8" />
      </svg>
    </span>
  );
}
