/**
 * What the tree of a link's shares says: what its colours stand for, and what a share was. All words
 * come from the page.
 */

import {GENERATIONS, number} from "./paint.js"

/** @typedef {Record<string, any>} Data */

/** @type {[string, number][]} */
const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
]


/**
 * Return which of the colours a generation has.
 *
 * @param {number} generation
 * @param {number} deepest
 */
export function stepOf(generation, deepest) {
  if (deepest < GENERATIONS) return generation
  return Math.floor((generation * GENERATIONS) / (deepest + 1))
}

/**
 * @param {Data} data
 * @param {string} by
 * @param {number} deepest
 */
export function legendOf(data, by, deepest) {
  if (by === "channel") {
    const used = new Set(data.channel)
    return data.channels
      .filter((/** @type {Data} */ _, /** @type {number} */ place) => used.has(place))
      .map((/** @type {Data} */ channel) => key(channel.name, channel.title))
  }
  const first = new Map()
  for (let generation = 0; generation <= deepest; generation++) {
    const step = stepOf(generation, deepest)
    first.set(step, [first.get(step)?.[0] ?? generation, generation])
  }
  return [...first].map(([step, [from, to]]) =>
    key(`generation-${step}`, from === to ? number(from) : `${number(from)}–${number(to)}`),
  )
}

/**
 * @param {string} colour
 * @param {string} text
 */
function key(colour, text) {
  const item = document.createElement("li")
  item.className = "channel"
  item.dataset.channel = colour
  item.textContent = text
  return item
}

/**
 * Return what is told of a share: nothing that says whose it is.
 *
 * @param {Data} data
 * @param {number} share
 */
export function words(data, share) {
  const {words, channels} = data
  const observed = data.observed[share]
  const lines = [
    [words.generation, number(data.generation[share])],
    [words.channel, channels[data.channel[share]].title],
    [words.observed, observed < 0 ? words.unseen : channels[observed].title],
    [words.clicks, number(data.clicks[share])],
    [words.children, number(data.children[share])],
  ]
  if (data.seconds) lines.push([words.seconds, duration(data.seconds[share])])
  return lines.map(([name, text]) => `${name}: ${text}`).join("\n")
}

/** @param {number} seconds */
function duration(seconds) {
  const [unit, length] = UNITS.find(([, length]) => seconds >= 2 * length) ?? ["second", 1]
  const format = new Intl.NumberFormat(document.documentElement.lang, {
    style: "unit",
    unit,
    unitDisplay: "long",
    maximumFractionDigits: 0,
  })
  return format.format(seconds / length)
}
