/**
 * Draws the pictures of reports with Apache ECharts, in the colours of the page. What they show
 * stands in a table below each, so they are images to a screen reader.
 */

import {channelColour, dataOf, number, onColours, paintOf, start, tooltip} from "./paint.js"
import {nameOf} from "./report.js"

/** @typedef {Record<string, any>} Data */
/** @typedef {import("./paint.js").Paint} Paint */

/** @type {Set<{picture: HTMLElement, chart: any, data: Data}>} */
const drawn = new Set()

/** @param {HTMLElement} picture */
export async function draw(picture) {
  const data = dataOf(picture)
  const kind = KINDS[picture.dataset.chart ?? ""]
  if (!data || !kind) return
  const chart = await start(picture)
  drawn.add({picture, chart, data})
  repaint(picture, chart, data)
  new ResizeObserver(() => chart.resize()).observe(picture)
}

/**
 * @param {HTMLElement} picture
 * @param {any} chart
 * @param {Data} data
 */
function repaint(picture, chart, data) {
  const paint = paintOf(picture)
  const build = KINDS[picture.dataset.chart ?? ""]
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches
  chart.setOption(
    {
      animation: !still,
      textStyle: {fontFamily: getComputedStyle(picture).fontFamily, color: paint.ink},
      ...build(data, paint, picture),
    },
    true,
  )
}

/**
 * @param {string} day
 * @param {string} granularity
 */
function dayLabel(day, granularity) {
  /** @type {Intl.DateTimeFormatOptions} */
  const parts =
    granularity === "month" ? {year: "numeric", month: "short"} : {month: "short", day: "numeric"}
  const format = new Intl.DateTimeFormat(document.documentElement.lang, {
    ...parts,
    timeZone: "UTC",
  })
  return format.format(new Date(`${day}T00:00:00Z`))
}

/**
 * Stacked columns, one stack a day.
 *
 * @param {Data} data
 * @param {Paint} paint
 */
function time(data, paint) {
  const days = data.days.map((/** @type {string} */ day) => dayLabel(day, data.granularity))
  return {
    grid: {left: 8, right: 8, top: 48, bottom: 4, containLabel: true},
    legend: {type: "scroll", top: 0, left: 0, icon: "roundRect", textStyle: {color: paint.quiet}},
    tooltip: {
      ...tooltip(paint),
      trigger: "axis",
      axisPointer: {type: "shadow"},
      order: "seriesDesc",
      valueFormatter: number,
    },
    xAxis: {
      type: "category",
      data: days,
      axisTick: {show: false},
      axisLine: {lineStyle: {color: paint.line}},
      axisLabel: {color: paint.quiet, hideOverlap: true},
    },
    yAxis: {
      type: "value",
      minInterval: 1,
      splitLine: {lineStyle: {color: paint.line}},
      axisLabel: {color: paint.quiet, formatter: number},
    },
    series: data.series.map((/** @type {Data} */ series) => ({
      type: "bar",
      stack: "clicks",
      name: series.name,
      data: series.values,
      barMaxWidth: 28,
      itemStyle: {color: channelColour(series.channel, paint)},
      emphasis: {focus: "series"},
    })),
  }
}

/**
 * @param {Data} data
 * @param {Paint} paint
 * @param {HTMLElement} picture
 */
function sankey(data, paint, picture) {
  const isNarrow = picture.clientWidth < 560
  const labels = new Map(data.nodes.map((/** @type {Data} */ node) => [node.name, node.label]))
  return {
    tooltip: {
      ...tooltip(paint),
      formatter: (/** @type {Data} */ item) =>
        item.dataType === "edge"
          ? `${labels.get(item.data.source)} → ${labels.get(item.data.target)}: ${number(item.value)}`
          : `${item.data.words}: ${number(item.value)}`,
    },
    series: [
      {
        type: "sankey",
        left: 4,
        right: isNarrow ? 90 : 150,
        top: 8,
        bottom: 8,
        nodeGap: 10,
        nodeWidth: 12,
        layoutIterations: 32,
        draggable: false,
        emphasis: {focus: "adjacency"},
        label: {
          color: paint.ink,
          fontSize: 12,
          width: isNarrow ? 84 : 180,
          overflow: "truncate",
          formatter: (/** @type {Data} */ item) => item.data.words,
        },
        lineStyle: {color: "source", opacity: 0.28, curveness: 0.5},
        data: data.nodes.map((/** @type {Data} */ node) => ({
          name: node.name,
          words: node.label,
          depth: node.column,
          itemStyle: {color: nodeColour(node, paint), borderWidth: 0},
        })),
        links: data.links,
      },
    ],
  }
}

/**
 * @param {Data} node
 * @param {Paint} paint
 */
function nodeColour(node, paint) {
  if (node.channel) return channelColour(node.channel, paint)
  if (node.name === "passed on") return paint.good
  if (node.name === "opened") return paint.fair
  return node.column === 2 ? channelColour("others", paint) : paint.primary
}

/**
 * Horizontal bars, the first on top.
 *
 * @param {Data} data
 * @param {Paint} paint
 * @param {HTMLElement} picture
 */
function bars(data, paint, picture) {
  const names = data.rows.map((/** @type {Data} */ row) => nameOf(row.code ?? "", row.name))
  const room = Math.min(widest(names, picture), picture.clientWidth * 0.45)
  return {
    // Room for the labels: ECharts' own measure cuts off the longest.
    grid: {left: room + 12, right: 56, top: 4, bottom: 4},
    tooltip: {...tooltip(paint), trigger: "item", valueFormatter: number},
    xAxis: {type: "value", show: false},
    yAxis: {
      type: "category",
      inverse: true,
      data: names,
      axisTick: {show: false},
      axisLine: {show: false},
      axisLabel: {color: paint.ink, width: room, overflow: "truncate"},
    },
    series: [
      {
        type: "bar",
        name: data.unit,
        data: data.rows.map((/** @type {Data} */ row) => row.value),
        barMaxWidth: 22,
        itemStyle: {color: paint.primary, borderRadius: [0, 4, 4, 0]},
        label: {
          show: true,
          position: "right",
          color: paint.quiet,
          formatter: (/** @type {Data} */ item) => barLabel(data.rows[item.dataIndex]),
        },
      },
    ],
  }
}

/**
 * @param {string[]} names
 * @param {HTMLElement} picture
 */
function widest(names, picture) {
  const context = document.createElement("canvas").getContext("2d")
  if (!context) return 180
  context.font = `12px ${getComputedStyle(picture).fontFamily}`
  return Math.ceil(Math.max(...names.map((name) => context.measureText(name).width)))
}

/** @param {Data} row */
function barLabel(row) {
  if (row.percent === undefined) return number(row.value)
  const isAlone = row.percent === row.value
  const format = new Intl.NumberFormat(document.documentElement.lang, {
    style: "percent",
    maximumFractionDigits: 0,
  })
  const percent = format.format(row.percent / 100)
  return isAlone ? percent : `${number(row.value)} (${percent})`
}

/**
 * The steps of a funnel, as bars that shrink.
 *
 * @param {Data} data
 * @param {Paint} paint
 * @param {HTMLElement} picture
 */
function steps(data, paint, picture) {
  const option = bars(data, paint, picture)
  option.grid.right = 110
  return option
}

/**
 * A week, hour by hour: the darker, the more.
 *
 * @param {Data} data
 * @param {Paint} paint
 */
function week(data, paint) {
  const most = Math.max(...data.cells.map((/** @type {number[]} */ cell) => cell[2]))
  return {
    grid: {left: 4, right: 8, top: 8, bottom: 4, containLabel: true},
    tooltip: {
      ...tooltip(paint),
      formatter: (/** @type {Data} */ item) =>
        `${data.weekdays[item.value[1]]}, ${item.value[0]}:00: ${number(item.value[2])} ${data.unit}`,
    },
    xAxis: {
      type: "category",
      data: data.hours,
      axisTick: {show: false},
      axisLine: {show: false},
      axisLabel: {color: paint.quiet, hideOverlap: true},
    },
    yAxis: {
      type: "category",
      data: data.weekdays,
      inverse: true,
      axisTick: {show: false},
      axisLine: {show: false},
      axisLabel: {color: paint.quiet},
    },
    visualMap: {show: false, min: 0, max: most, inRange: {color: [paint.line, paint.primary]}},
    series: [
      {
        type: "heatmap",
        data: data.cells,
        itemStyle: {borderColor: paint.surface, borderWidth: 2, borderRadius: 3},
      },
    ],
  }
}

/** @type {Record<string, (data: Data, paint: Paint, picture: HTMLElement) => Data>} */
const KINDS = {time, sankey, bars, steps, week}

onColours(() => {
  for (const {picture, chart, data} of drawn) repaint(picture, chart, data)
})
