/**
 * What pictures are drawn with: Apache ECharts, the page's colours, and its way of writing numbers.
 */

/**
 * Colours of the page, those of channels by name, those of generations in their order.
 *
 * @typedef {{ink: string, quiet: string, line: string, surface: string, primary: string,
 *   good: string, fair: string, channels: Map<string, string>, generations: string[]}} Paint
 */

const LIBRARY = new URL("./vendor/echarts/echarts.esm.min.js", import.meta.url).href

const CHANNELS = [
  "whatsapp", "telegram", "signal", "messenger", "sms", "email", "line", "viber", "threema",
  "teams", "copy", "native", "addressbar", "qr", "imessage", "slack", "discord", "link",
  "facebook", "x", "linkedin", "reddit", "others",
]

/** How many colours there are for generations. */
export const GENERATIONS = 7

/**
 * Start a picture on its element.
 *
 * @param {HTMLElement} picture
 * @returns {Promise<any>}
 */
export async function start(picture) {
  const echarts = await import(LIBRARY)
  return echarts.init(picture, null, {renderer: "canvas"})
}

/**
 * Return what a picture shows, which stands in the page as JSON.
 *
 * @param {HTMLElement} picture
 */
export function dataOf(picture) {
  const source = document.getElementById(picture.dataset.from ?? "")
  return JSON.parse(source?.textContent ?? "null")
}

/**
 * Do it again whenever the page's colours change.
 *
 * @param {() => void} repaint
 */
export function onColours(repaint) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint)
  new MutationObserver(repaint).observe(document.documentElement, {
    attributes: true,
    attributeFilter: ["data-theme"],
  })
}

/**
 * Return the colours that the page has now.
 *
 * @param {HTMLElement} picture
 * @returns {Paint}
 */
export function paintOf(picture) {
  const probe = document.createElement("span")
  picture.after(probe)
  /** @param {string} name */
  const colour = (name) => {
    // A custom property alone is not worked out; a colour that uses it is.
    probe.setAttribute("data-channel", name)
    probe.className = "paint"
    return getComputedStyle(probe).color
  }
  const names = ["ink", "quiet", "line", "surface", "primary", "good", "fair"]
  const paint = Object.fromEntries(names.map((name) => [name, colour(`paint-${name}`)]))
  const channels = new Map()
  for (const name of CHANNELS) channels.set(name, colour(name))
  const generations = Array.from({length: GENERATIONS}, (_, step) => colour(`generation-${step}`))
  probe.remove()
  return /** @type {Paint} */ (/** @type {unknown} */ ({...paint, channels, generations}))
}

/**
 * @param {string} name
 * @param {Paint} paint
 */
export function channelColour(name, paint) {
  return paint.channels.get(name) ?? paint.primary
}

/** @param {Paint} paint */
export function tooltip(paint) {
  return {
    // Text drawn on the canvas: the content security policy allows no inline styles.
    renderMode: "richText",
    confine: true,
    backgroundColor: paint.surface,
    borderColor: paint.line,
    textStyle: {color: paint.ink, fontSize: 12},
  }
}

/** @param {number} value */
export function number(value) {
  return new Intl.NumberFormat(document.documentElement.lang).format(value)
}
