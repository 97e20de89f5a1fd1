/**
 * Keeps the live strip up to date: `<section data-live-strip="its-address">`.
 *
 * It is asked for again every five seconds while somebody looks at the tab, and parts of it are
 * replaced where nothing has the focus. Without JavaScript, loading the page again does the same.
 */

const EVERY_MS = 5000

/** @param {HTMLElement} strip */
export function follow(strip) {
  const pause = /** @type {HTMLButtonElement} */ (strip.querySelector("[data-live-pause]"))
  const state = /** @type {HTMLElement} */ (strip.querySelector("[data-live-state]"))
  let isAsking = false

  async function look() {
    const isPaused = pause.getAttribute("aria-pressed") === "true"
    if (document.hidden || isPaused || isAsking) return
    isAsking = true
    try {
      const answer = await fetch(strip.dataset.liveStrip ?? "", {credentials: "same-origin"})
      // Logged out, or not allowed to look any more.
      if (answer.redirected || (answer.status >= 400 && answer.status < 500)) return stop()
      if (answer.ok) show(strip, await answer.text())
    } catch {
      // Away for a moment; the next look may find it again.
    } finally {
      isAsking = false
    }
  }

  function stop() {
    clearInterval(timer)
    document.removeEventListener("visibilitychange", look)
    pause.hidden = true
    state.hidden = false
    state.textContent = strip.dataset.stopped ?? ""
  }

  pause.hidden = false
  pause.addEventListener("click", () => {
    const isPaused = pause.getAttribute("aria-pressed") !== "true"
    pause.setAttribute("aria-pressed", String(isPaused))
    look()
  })
  const timer = setInterval(look, EVERY_MS)
  document.addEventListener("visibilitychange", look)
}

/**
 * Put the parts of a fresh strip into the one that is there.
 *
 * @param {HTMLElement} strip
 * @param {string} html
 */
function show(strip, html) {
  const fresh = new DOMParser().parseFromString(html, "text/html")
  for (const part of strip.querySelectorAll("[data-live-part]")) {
    const name = part.getAttribute("data-live-part")
    const newer = fresh.querySelector(`[data-live-part="${name}"]`)
    if (newer && !part.contains(document.activeElement)) {
      part.replaceChildren(...newer.childNodes)
    }
  }
}
