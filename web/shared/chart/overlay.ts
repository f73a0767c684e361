/** What is drawn over or under a curve beside its data. */
import type uPlot from "uplot";
import { token } from "#shared/theme/tokens";
import type { Span } from "./gaps";
import type { ChartMark } from "./LiveChart";

/** Tints a span over the whole height; a moment becomes a thin line. */
export function drawHighlight(plot: uPlot, span: Span | null): void {
  if (span === null) return;
  const { ctx, bbox } = plot;
  const left = Math.max(bbox.left, plot.valToPos(span[0], "x", true));
  const right = Math.min(bbox.left + bbox.width, plot.valToPos(span[1], "x", true));
  ctx.save();
  ctx.fillStyle = token("susp-soft");
  ctx.fillRect(left, bbox.top, Math.max(right - left, 3 * devicePixelRatio), bbox.height);
  ctx.restore();
}

/** Dotted lines in the price's colour, each with its words at the top; words that would touch are left out. */
export function drawMarks(plot: uPlot, marks: readonly ChartMark[]): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = token("c-price");
  ctx.fillStyle = token("c-price");
  ctx.lineWidth = 1.2 * ratio;
  ctx.font = `600 ${11 * ratio}px Inter Variable, sans-serif`;
  ctx.textBaseline = "top";
  let free = bbox.left;
  for (const mark of marks) {
    const x = plot.valToPos(mark.at, "x", true);
    if (x < bbox.left - 1 || x > bbox.left + bbox.width) continue;
    ctx.setLineDash([2 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const begin = x + 5 * ratio;
    const wide = ctx.measureText(mark.label).width;
    if (begin >= free && begin + wide <= bbox.left + bbox.width) {
      ctx.fillText(mark.label, begin, bbox.top + 2 * ratio);
      free = begin + wide + 8 * ratio;
    }
  }
  ctx.restore();
}
