/**
 * Brings the pages of reports to life: parts that take longer, pictures, names of countries and
 * languages, pickers that need no second press. Without it, tables say the same.
 */

import {draw} from "./charts.js"
import {follow} from "./live_strip.js"

/** @type {Record<string, Intl.DisplayNamesType>} */
const NAMED = {region: "region", language: "language"}

/** @param {ParentNode} root */
function enliven(root) {
  nameCodes(root)
  for (const picture of root.querySelectorAll("[data-chart]")) {
    draw(/** @type {HTMLElement} */ (picture))
  }
  for (const strip of root.querySelectorAll("[data-live-strip]")) {
    follow(/** @type {HTMLElement} */ (strip))
  }
  for (const part of root.querySelectorAll("[data-part]")) {
    load(/** @type {HTMLElement} */ (part))
  }
}

/** @param {HTMLElement} part */
async function load(part) {
  const url = /** @type {string} */ (part.dataset.part)
  const answer = await fetch(url, {credentials: "same-origin"})
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`)
  // Our own server has escaped what is in it.
  part.innerHTML = await answer.text()
  part.removeAttribute("aria-busy")
  enliven(part)
}

/** @param {ParentNode} root */
function nameCodes(root) {
  for (const element of root.querySelectorAll("[data-name-of]")) {
    const kind = /** @type {HTMLElement} */ (element).dataset.nameOf ?? ""
    element.textContent = nameOf(kind, element.textContent ?? "")
  }
}

/**
 * Return what the reader's language calls a country or a language.
 *
 * @param {string} kind
 * @param {string} code
 */
export function nameOf(kind, code) {
  const type = NAMED[kind]
  if (!type) return code
  try {
    const names = new Intl.DisplayNames([document.documentElement.lang], {type})
    return names.of(code) ?? code
  } catch {
    return code
  }
}

/** @param {Event} event */
function submit(event) {
  const field = event.target
  if (field instanceof HTMLSelectElement && field.dataset.submits !== undefined) {
    field.form?.requestSubmit()
  }
}

document.addEventListener("change", submit)
enliven(document)
