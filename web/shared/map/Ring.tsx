import { marks } from "#shared/state/marks";
import { LOOKS } from "#shared/state/vocabulary";
import type { Cluster, Shares } from "./clusters";

const PARTS: { share: keyof Shares; colour: string; width: number }[] = [
  { share: "available", colour: "var(--fc-available)", width: 2.5 },
  { share: "other", colour: "var(--fc-unavailable)", width: 2.5 },
  { share: "use", colour: "var(--fc-charging)", width: 5 },
  { share: "paused", colour: "var(--fc-susp)", width: 6.5 },
  { share: "offline", colour: "var(--fc-offline)", width: 7.5 },
  { share: "trouble", colour: "var(--fc-faulted)", width: 8 },
];

/** A cluster as a ring of shares: available thin, in use medium, trouble thick, the worst mark on its shoulder. */
export function Ring({ cluster, size }: { cluster: Cluster; size: number }) {
  const centre = size / 2;
  const radius = centre - 5;
  const length = 2 * Math.PI * radius;
  let from = 0;
  const total = Math.max(1, cluster.shares.total);
  return (
    <svg width={size} height={size} viewBox={`0 0 ${size} ${size}`} aria-hidden="true" style={{ overflow: "visible" }}>
      <circle cx={centre} cy={centre} r={radius + 3} fill="var(--fc-surface)" />
      {PARTS.map(({ share, colour, width }) => {
        const part = (cluster.shares[share] / total) * length;
        const start = from;
        from += part;
        if (part === 0) return null;
        return (
          <circle
            key={share}
            cx={centre}
            cy={centre}
            r={radius}
            fill="none"
            stroke={colour}
            strokeWidth={width}
            strokeDasharray={`${Math.max(1.5, part - 1.5)} ${length}`}
            strokeDashoffset={-start}
            transform={`rotate(-90 ${centre} ${centre})`}
          />
        );
      })}
      <text x={centre} y={centre + 4} textAnchor="middle" fontSize={12} fontWeight={600} fill="var(--fc-text)">
        {cluster.shares.total}
      </text>
      {cluster.worst ? (
        <g transform={`translate(${size - 13} -4)`} style={{ color: `var(--fc-${LOOKS[cluster.worst].colour})` }}>
          <circle cx={8} cy={8} r={9} fill="var(--fc-surface)" />
          {marks[LOOKS[cluster.worst].mark]}
        </g>
      ) : null}
    </svg>
  );
}
