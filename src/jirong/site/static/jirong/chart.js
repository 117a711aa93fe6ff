// Draws the charts of a page from the JSON beside them. The library is fetched here, so pages without a chart never
// load it; colours are the page's own tokens, so a change of theme redraws; a removed chart is disposed of.

const LIBRARY = new URL("../vendor/echarts/echarts.min.js", import.meta.url).href;
const drawn = new Map();
let library;

function load() {
  library ??= new Promise((resolve, reject) => {
    if (window.echarts) { resolve(window.echarts); return; }
    const script = document.createElement("script");
    script.src = LIBRARY;
    script.onload = () => resolve(window.echarts);
    script.onerror = () => reject(new Error("the chart library could not be loaded"));
    document.head.append(script);
  });
  return library;
}

const chinese = () => document.documentElement.lang.startsWith("zh");
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const exact = (value) => (value === null ? "—" : Number(value).toLocaleString("en-US", { maximumFractionDigits: 4 }));

function brief(value) {
  const scales = chinese() ? [[1e8, "亿"], [1e4, "万"]] : [[1e9, "bn"], [1e6, "m"], [1e3, "k"]];
  for (const [scale, word] of scales) if (Math.abs(value) >= scale) return `${+(value / scale).toFixed(2)} ${word}`;
  return String(value);
}

function options(data) {
  const ink = token("--ink"), quiet = token("--ink-2"), line = token("--line");
  const colours = [1, 2, 3, 4, 5, 6].map((place) => token(`--series-${place}`));
  const common = {
    color: colours, textStyle: { fontFamily: token("--sans"), color: ink }, animationDuration: 250,
    tooltip: {
      trigger: data.kind === "share" ? "item" : "axis", confine: true, valueFormatter: exact,
      backgroundColor: token("--surface"), borderColor: line, textStyle: { color: ink, fontSize: 12 },
      axisPointer: { type: data.kind === "line" ? "line" : "shadow", shadowStyle: { color: token("--accent-wash"), opacity: .6 } },
    },
    legend: { top: 0, right: 0, icon: "roundRect", itemWidth: 10, itemHeight: 10, textStyle: { color: quiet } },
    aria: { enabled: true, decal: { show: data.series.length > 1 && data.kind !== "line" } },
  };
  if (data.kind === "share") {
    const slices = data.labels.map((name, place) => ({ name, value: data.series[0].values[place] }));
    return { ...common, series: [{ type: "pie", radius: ["48%", "72%"], data: slices, label: { color: ink } }] };
  }
  // Of flows the last series is a stock beside them: a line on an axis of its own.
  const isLine = (place) => data.kind === "line" || (data.kind === "flows" && place === data.series.length - 1);
  const amounts = { type: "value", axisLabel: { color: quiet, formatter: brief }, splitLine: { lineStyle: { color: line } } };
  return {
    ...common,
    grid: { left: 4, right: 12, top: 32, bottom: 4, containLabel: true },
    xAxis: { type: "category", data: data.labels, axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: { color: quiet } },
    yAxis: data.kind === "flows" ? [amounts, { ...amounts, splitLine: { show: false } }] : amounts,
    series: data.series.map((series, place) => ({
      name: series.name, data: series.values, type: isLine(place) ? "line" : "bar",
      stack: ["stack", "flows"].includes(data.kind) && !isLine(place) ? "all" : undefined, barMaxWidth: 28, symbolSize: 5,
      yAxisIndex: data.kind === "flows" && isLine(place) ? 1 : 0, showSymbol: data.labels.length < 40,
      lineStyle: { width: 2, type: data.kind === "flows" ? "solid" : ["solid", "dashed", "dotted"][place % 3] },
    })),
  };
}

async function draw(place) {
  if (drawn.has(place)) return;
  const data = JSON.parse(document.getElementById(place.dataset.chart).textContent);
  const echarts = await load();
  if (drawn.has(place) || !place.isConnected) return;
  const chart = echarts.init(place, null, { renderer: "svg" });
  const watcher = new ResizeObserver(() => chart.resize());
  watcher.observe(place);
  chart.setOption(options(data));
  drawn.set(place, { chart, data, watcher });
  place.dataset.drawn = "yes";
}

// Without the library the table twin is opened: the figures are there whatever happens.
export function drawAll(where) {
  for (const place of where.querySelectorAll("[data-chart]")) {
    draw(place).catch(() => { place.hidden = true; place.parentElement.querySelector("details")?.setAttribute("open", ""); });
  }
}

document.addEventListener("htmx:beforeCleanupElement", (event) => {
  const kept = drawn.get(event.target);
  if (kept) { kept.watcher.disconnect(); kept.chart.dispose(); drawn.delete(event.target); }
});
new MutationObserver(() => {
  for (const { chart, data } of drawn.values()) chart.setOption(options(data), true);
}).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
