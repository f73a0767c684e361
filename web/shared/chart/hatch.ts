import type uPlot from "uplot";
import { token } from "#shared/theme/tokens";
import type { Span } from "./gaps";

/** Hatches spans without data over the whole height of a plot. */
export function hatch(plot: uPlot, gaps: readonly Span[]): void {
  const { ctx, bbox } = plot;
  const step = 6 * devicePixelRatio;
  for (const [from, to] of gaps) {
    const left = Math.max(bbox.left, plot.valToPos(from, "x", true));
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(to, "x", true));
    if (right <= left) continue;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, bbox.top, right - left, bbox.height);
    ctx.clip();
    ctx.fillStyle = token("inset");
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
    ctx.strokeStyle = token("border-2");
    ctx.lineWidth = 1.4 * devicePixelRatio;
    ctx.beginPath();
    for (let x = left - bbox.height; x < right; x += step) {
      ctx.moveTo(x, bbox.top + bbox.height);
      ctx.lineTo(x + bbox.height, bbox.top);
    }
    ctx.stroke();
    ctx.restore();
  }
}
