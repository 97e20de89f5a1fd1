/**
 * Draws the tree of a link's shares, and lets it be looked at: closer, cascade by cascade, and in
 * the colours of generations or channels. Mouse, fingers, keys and buttons do the same.
 */

import {channelColour, dataOf, onColours, paintOf, start, tooltip} from "./paint.js"
import {layout} from "./tree_layout.js"
import {legendOf, stepOf, words} from "./tree_words.js"

/** @typedef {Record<string, any>} Data */
/** @typedef {import("./paint.js").Paint} Paint */
/** @typedef {{shares: number[], parents: number[], layout: import("./tree_layout.js").Layout}} Shown */

const CLOSER = 1.4
const STEP_PX = 60
const MARGIN_PX = 34
const LARGEST_UNIT_PX = 44
const SMALLEST_PX = 2.5
/** ECharts rounds the ends of lines to whole numbers, so that these have to be small ones. */
const FINE = 1000
/** @param {HTMLElement} root */
async function open(root) {
  const picture = /** @type {HTMLElement} */ (root.querySelector("[data-tree]"))
  const legend = /** @type {HTMLElement} */ (root.querySelector("[data-tree-legend]"))
  const data = dataOf(picture)
  const chart = await start(picture)
  const deepest = data.generation.reduce(
    (/** @type {number} */ most, /** @type {number} */ each) => Math.max(most, each),
    0,
  )
  let by = "generation"
  let shown = choose(data, 0, picture)
  let zoom = 1

  const draw = () => {
    zoom = 1
    chart.setOption(optionOf(data, shown, by, deepest, paintOf(picture), picture), true)
    picture.dataset.drawn = String(shown.shares.length)
    picture.dataset.zoom = "1.00"
  }
  const label = () => legend.replaceChildren(...legendOf(data, by, deepest))

  /** @param {Data} move */
  const roam = (move) => chart.dispatchAction({type: "graphRoam", seriesIndex: 0, ...move})
  /** @param {number} factor */
  const closer = (factor) =>
    roam({zoom: factor, originX: picture.clientWidth / 2, originY: picture.clientHeight / 2})
  /** @type {Record<string, () => void>} */
  const moves = {
    "+": () => closer(CLOSER),
    "-": () => closer(1 / CLOSER),
    "0": draw,
    ArrowLeft: () => roam({dx: STEP_PX, dy: 0}),
    ArrowRight: () => roam({dx: -STEP_PX, dy: 0}),
    ArrowUp: () => roam({dx: 0, dy: STEP_PX}),
    ArrowDown: () => roam({dx: 0, dy: -STEP_PX}),
  }

  chart.on("graphroam", (/** @type {Data} */ moved) => {
    const was = zoom
    zoom *= moved.zoom ?? 1
    picture.dataset.zoom = zoom.toFixed(2)
    // While all is seen, one finger scrolls the page; only closer up it moves the picture.
    if (zoom > 1 !== was > 1) chart.setOption({series: [{roam: zoom > 1 || "scale"}]})
  })
  picture.addEventListener("keydown", (event) => {
    const move = moves[event.key === "=" ? "+" : event.key]
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    move()
  })
  // The wheel scrolls the page, as everywhere, unless a key says that the picture is meant.
  picture.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) event.stopPropagation()
    },
    {capture: true, passive: true},
  )
  for (const button of buttons(root, "move")) {
    button.addEventListener("click", () => moves[button.dataset.move ?? ""]?.())
  }
  for (const button of buttons(root, "by")) {
    button.addEventListener("click", () => {
      by = button.dataset.by ?? by
      press(root, "by", button)
      label()
      draw()
    })
  }
  for (const button of buttons(root, "cascade")) {
    button.addEventListener("click", () => {
      shown = choose(data, Number(button.dataset.cascade), picture)
      press(root, "cascade", button)
      draw()
      picture.scrollIntoView({block: "nearest"})
    })
  }
  for (const part of root.querySelectorAll("[data-tree-control]")) part.removeAttribute("hidden")
  label()
  draw()
  let width = picture.clientWidth
  new ResizeObserver(() => {
    chart.resize()
    if (picture.clientWidth !== width) draw()
    width = picture.clientWidth
  }).observe(picture)
  onColours(draw)
}

/**
 * @param {ParentNode} root
 * @param {string} name
 */
function buttons(root, name) {
  return /** @type {NodeListOf<HTMLButtonElement>} */ (
    root.querySelectorAll(`button[data-${name}]`)
  )
}

/**
 * @param {ParentNode} root
 * @param {string} name
 * @param {HTMLButtonElement} pressed
 */
function press(root, name, pressed) {
  for (const button of buttons(root, name)) {
    button.setAttribute("aria-pressed", String(button === pressed))
  }
}

/**
 * Return the shares of a cascade, or of all (0), and where they stand.
 *
 * @param {Data} data
 * @param {number} cascade
 * @param {HTMLElement} picture
 * @returns {Shown}
 */
function choose(data, cascade, picture) {
  /** @type {number[]} */
  const shares = []
  data.cascade.forEach((/** @type {number} */ each, /** @type {number} */ share) => {
    if (!cascade || each === cascade) shares.push(share)
  })
  const first = shares[0] ?? 0
  const parents = shares.map((share) => (data.parent[share] < 0 ? -1 : data.parent[share] - first))
  const cascades = shares.map((share) => data.cascade[share])
  const aspect = picture.clientWidth / picture.clientHeight || 1
  return {shares, parents, layout: layout(parents, cascades, aspect)}
}

/**
 * @param {Data} data
 * @param {Shown} shown
 * @param {string} by
 * @param {number} deepest
 * @param {Paint} paint
 * @param {HTMLElement} picture
 */
function optionOf(data, shown, by, deepest, paint, picture) {
  const {x, y} = shown.layout
  // A chain of two has no width.
  const width = shown.layout.width || 2
  const height = shown.layout.height || 2
  const unit = Math.min(
    (picture.clientWidth - 2 * MARGIN_PX) / width,
    (picture.clientHeight - 2 * MARGIN_PX) / height,
    LARGEST_UNIT_PX,
  )
  const most = shown.shares.reduce((top, share) => Math.max(top, data.clicks[share]), 1)
  const channels = data.channels.map((/** @type {Data} */ each) => channelColour(each.name, paint))
  return {
    animation: false,
    textStyle: {fontFamily: getComputedStyle(picture).fontFamily, color: paint.ink},
    tooltip: {
      ...tooltip(paint),
      formatter: (/** @type {Data} */ item) =>
        item.dataType === "node" ? words(data, shown.shares[item.dataIndex]) : "",
    },
    series: [
      {
        type: "graph",
        layout: "none",
        left: (picture.clientWidth - width * unit) / 2,
        top: (picture.clientHeight - height * unit) / 2,
        width: width * unit,
        height: height * unit,
        roam: "scale",
        scaleLimit: {min: 0.5, max: 60},
        nodeScaleRatio: 1,
        lineStyle: {color: paint.quiet, opacity: opacityOf(data, shown.shares), width: 1},
        itemStyle: {borderColor: paint.surface, borderWidth: unit > 12 ? 1 : 0},
        emphasis: {scale: 1.3, lineStyle: {width: 1}},
        data: shown.shares.map((share, number) => ({
          x: x[number] * FINE,
          y: y[number] * FINE,
          symbolSize: sizeOf(data.clicks[share] / most, data.generation[share] === 0, unit),
          itemStyle: {
            color:
              by === "channel"
                ? channels[data.channel[share]]
                : paint.generations[stepOf(data.generation[share], deepest)],
          },
        })),
        links: shown.parents.flatMap((parent, number) =>
          parent < 0 ? [] : [{source: parent, target: number}],
        ),
      },
    ],
  }
}

/**
 * Return how large a share is: its area tells its part of the most clicks. The first of a cascade
 * is to be found at a glance.
 *
 * @param {number} part
 * @param {boolean} isFirst
 * @param {number} unit
 */
function sizeOf(part, isFirst, unit) {
  return Math.max(SMALLEST_PX, unit * ((isFirst ? 0.8 : 0.42) + 0.5 * Math.sqrt(part)))
}

/**
 * Return how strong lines are: the more there are in one cascade, the fainter each.
 *
 * @param {Data} data
 * @param {number[]} shares
 */
function opacityOf(data, shares) {
  // The largest cascade comes first.
  const largest = shares.filter((share) => data.cascade[share] === data.cascade[shares[0]]).length
  return Math.min(0.7, 0.7 * Math.sqrt(200 / largest))
}

for (const root of document.querySelectorAll("[data-tree-root]")) {
  open(/** @type {HTMLElement} */ (root))
}
