/**
 * Parts of a page that follow what happens: `<div data-live="its-address" data-live-over="why it
 * stopped after a while" data-live-ended="why it stopped for good">`.
 *
 * The part is fetched again every two seconds for ten minutes, while somebody looks at the tab.
 * Only what is new is read out: the `data-news` of elements that had none before, in the
 * status that `data-live-status` names. Without JavaScript the page is loaded again by hand.
 */

const EVERY_MS = 2000
const LIMIT_MS = 600_000

/** @param {Element} part */
function news(part) {
  const elements = part.querySelectorAll("[data-news]")
  return [...elements].map((element) => element.getAttribute("data-news"))
}

/**
 * Show the part as it is now; return what is new in it.
 *
 * @param {Element} part
 * @param {string} html
 */
function show(part, html) {
  const fresh = document.createElement("div")
  fresh.innerHTML = html
  // What has not changed stays, with the focus and the selection in it.
  if (fresh.innerHTML.trim() === part.innerHTML.trim()) return []
  const known = news(part)
  part.replaceChildren(...fresh.childNodes)
  return news(part).filter((item) => !known.includes(item))
}

/** @param {HTMLElement} part */
function follow(part) {
  const address = part.dataset.live ?? ""
  const status = document.getElementById(part.dataset.liveStatus ?? "")
  const end = Date.now() + LIMIT_MS
  let isLooking = false

  /** @param {string} text */
  const tell = (text) => {
    if (status) status.textContent = text
  }

  /** @param {string} reason */
  const stop = (reason) => {
    clearInterval(timer)
    document.removeEventListener("visibilitychange", look)
    tell(reason)
  }

  async function look() {
    if (document.hidden || isLooking) return
    if (Date.now() > end) return stop(part.dataset.liveOver ?? "")
    isLooking = true
    try {
      const answer = await fetch(address)
      if (answer.redirected) return stop(part.dataset.liveEnded ?? "")
      if (answer.ok) {
        const found = show(part, await answer.text())
        if (found.length) tell(found.join(" "))
      }
    } catch {
      // Away for a moment; the next look may find it again.
    } finally {
      isLooking = false
    }
  }

  const timer = setInterval(look, EVERY_MS)
  document.addEventListener("visibilitychange", look)
}

document.querySelectorAll("[data-live]").forEach((part) => {
  follow(/** @type {HTMLElement} */ (part))
})
