/**
 * The progress of an import: `<div data-progress="its-address">` is fetched again every second
 * while there is `data-working` in it; then the whole page is loaded anew. Without JavaScript
 * the page is loaded again by hand.
 */

const EVERY_MS = 1000

/** @param {HTMLElement} part */
async function look(part) {
  if (document.hidden) return true
  try {
    const answer = await fetch(part.dataset.progress ?? "")
    if (answer.redirected) return false
    // Away for a moment; the next look may find it again.
    if (answer.ok) part.innerHTML = await answer.text()
  } catch {
    return true
  }
  return part.querySelector("[data-working]") !== null
}

/** @param {HTMLElement} part */
function follow(part) {
  setTimeout(async () => {
    if (await look(part)) follow(part)
    else location.reload()
  }, EVERY_MS)
}

document.querySelectorAll("[data-progress]").forEach((part) => {
  follow(/** @type {HTMLElement} */ (part))
})
