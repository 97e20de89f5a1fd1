/**
 * Redraws what would come of a form while it is filled in: `<div data-draft="address">` in it.
 * Without it, a button does, or nothing is shown before the form is saved.
 *
 * What is drawn comes from our own server, which has escaped what is in it, and knows whether
 * a draft is still what would be done: a press in between does nothing else than was shown.
 */

const PAUSE_MS = 400

/**
 * @param {HTMLElement} place
 * @param {HTMLFormElement} form
 * @param {AbortSignal} signal
 */
async function draw(place, form, signal) {
  const url = place.dataset.draft ?? ""
  const answer = await fetch(url, {method: "POST", body: new FormData(form), signal})
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`)
  const text = await answer.text()
  if (signal.aborted) return
  place.innerHTML = text
  const told = form.querySelector("[data-told]")
  const said = place.querySelector("[data-says]")?.textContent ?? ""
  if (told) told.textContent = said.replace(/\s+/g, " ").trim()
}

/** @param {Error} error */
function unlessOvertaken(error) {
  if (error.name !== "AbortError") throw error
}

/** @param {HTMLElement} place */
function follow(place) {
  const form = place.closest("form")
  let timer = 0
  let asking = new AbortController()
  form?.addEventListener("input", ({target}) => {
    clearTimeout(timer)
    asking.abort()
    asking = new AbortController()
    const {signal} = asking
    if (target instanceof HTMLSelectElement && target.dataset.decides !== undefined) {
      // What there is to choose from elsewhere in the form depends on it.
      form.requestSubmit(form.querySelector("button[name=draft]"))
    } else {
      timer = setTimeout(() => draw(place, form, signal).catch(unlessOvertaken), PAUSE_MS)
    }
  })
}

for (const place of document.querySelectorAll("[data-draft]")) {
  follow(/** @type {HTMLElement} */ (place))
}
