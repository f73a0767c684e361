import { useComputedColorScheme } from "@mantine/core";
import { BarChart, HeatmapChart, LineChart } from "echarts/charts";
import { AriaComponent, DatasetComponent, GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { init, use as register, type ECharts, type EChartsCoreOption } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useEffectEvent, useRef } from "react";
import { token } from "#shared/theme/tokens";
import { useWidth } from "./useWidth";

register([
  BarChart, HeatmapChart, LineChart, GridComponent, TooltipComponent, LegendComponent, DatasetComponent, VisualMapComponent, MarkLineComponent,
  MarkAreaComponent, AriaComponent, SVGRenderer,
]);

function theme() {
  const axis = {
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { color: token("text-3"), fontSize: 11 },
    splitLine: { lineStyle: { color: token("grid") } },
    nameTextStyle: { color: token("text-3"), fontSize: 11 },
  };
  return {
    color: [token("c-power"), token("c-energy"), token("c-price"), token("finishing"), token("reserved")],
    textStyle: { fontFamily: '"Inter Variable", sans-serif', fontSize: 12, color: token("text-2") },
    grid: { left: 48, right: 16, top: 24, bottom: 28 },
    categoryAxis: { ...axis, splitLine: { show: false } },
    valueAxis: { ...axis, splitNumber: 4, min: 0 },
    timeAxis: axis,
    tooltip: {
      backgroundColor: token("raised"),
      borderColor: token("border"),
      textStyle: { color: token("text"), fontSize: 12 },
      axisPointer: { lineStyle: { color: token("text-3") } },
    },
    legend: { textStyle: { color: token("text-2") } },
    line: { symbol: "none", lineStyle: { width: 1.6 } },
    bar: { barMaxWidth: 28, itemStyle: { borderRadius: [2, 2, 0, 0] } },
  };
}

export function EChart({ option, height, onPress }: { option: EChartsCoreOption; height: number; onPress?: ((dataIndex: number) => void) | undefined }) {
  const scheme = useComputedColorScheme("light");
  const ref = useRef<HTMLDivElement>(null);
  const width = useWidth(ref);
  const chart = useRef<ECharts | null>(null);
  const press = useEffectEvent((index: number) => onPress?.(index));
  const latest = useRef(option);
  latest.current = option;
  useEffect(() => {
    if (!ref.current) return;
    const made = init(ref.current, theme(), { renderer: "svg" });
    made.setOption({ animation: false, tooltip: { trigger: "axis" }, ...latest.current });
    made.on("click", (event) => (event.dataIndex === undefined ? undefined : press(event.dataIndex)));
    chart.current = made;
    return () => {
      made.dispose();
      chart.current = null;
    };
  }, [ref, scheme]);
  useEffect(() => {
    chart.current?.setOption({ animation: false, tooltip: { trigger: "axis" }, ...option }, { notMerge: true });
  }, [option]);
  useEffect(() => chart.current?.resize(), [width]);
  return <div ref={ref} style={{ height }} aria-hidden="true" />;
}
