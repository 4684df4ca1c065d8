/** The ratios as a bar chart. */
import { init } from 'echarts';
import { type Goal, ratio } from './report.ts';
import type { Row } from './rounds.ts';

const SIZE = { width: 860, height: 420 };

/** SVG text. */
export function drawRatios(rows: readonly Row[], goals: readonly Goal[], concurrency: number): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...SIZE });
  const to = (workload: string) =>
    Number(ratio(rows, workload, concurrency, ['Gatehouse', 'oidc-provider'])?.toFixed(2) ?? 0);
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: {
      text: `Operations per second, times oidc-provider's (SQLite, durable, concurrency ${concurrency})`,
      left: 'center',
      textStyle: { fontSize: 15 },
    },
    legend: { bottom: 0 },
    grid: { left: 50, right: 20, top: 50, bottom: 70 },
    xAxis: {
      type: 'category',
      data: goals.map(({ workload }) => workload),
      axisLabel: { interval: 0, fontSize: 11 },
    },
    yAxis: { type: 'value', name: 'times' },
    series: [
      {
        name: 'Gatehouse',
        type: 'bar',
        itemStyle: { color: '#2f5d8a' },
        label: { show: true, position: 'top' },
        data: goals.map(({ workload }) => to(workload)),
      },
      {
        name: 'wanted',
        type: 'bar',
        itemStyle: { color: '#c9c2b4' },
        data: goals.map(({ wanted }) => wanted),
      },
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
