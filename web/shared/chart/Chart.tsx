/**
 * Every other chart (ECharts, loaded when shown): bars, lines, heat maps over categories. Give the option without
 * colours and fonts, which come from the theme, and the same numbers as a table.
 *
 *     <Chart label="Energy by day" height={220} option={{ xAxis: { type: "category", data: days }, yAxis: { name: "kWh" },
 *       series: [{ type: "bar", data: values }] }} table={{ columns: ["Day", "kWh"], rows: days.map((day, i) => [day, f.number(values[i])]) }} />
 *
 * A gap is `null` in the data, never 0.
 */
import { lazy, Suspense } from "react";
import type { EChartsCoreOption } from "echarts/core";
import { Lines } from "#shared/page/States";
import { ChartTable } from "./ChartTable";
import classes from "./chart.module.css";

export interface ChartProps {
  label: string;
  option: EChartsCoreOption;
  table: { columns: readonly string[]; rows: readonly (readonly string[])[] };
  height?: number;
  /** A press on a bar, point or cell, by its place in the data. */
  onPress?: (dataIndex: number) => void;
}

const Canvas = lazy(() => import("./EChart").then((module) => ({ default: module.EChart })));

export function Chart({ label, option, table, height = 220, onPress }: ChartProps) {
  return (
    <figure className={classes["figure"]} aria-label={label}>
      <Suspense fallback={<Lines count={4} />}>
        <Canvas option={option} height={height} onPress={onPress} />
      </Suspense>
      <ChartTable caption={label} columns={table.columns} rows={() => table.rows} />
    </figure>
  );
}
