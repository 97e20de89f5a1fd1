/**
 * Redraws the draft of new links as the list is typed or pasted. Without it, a button does.
 *
 * What is drawn comes from our own server, which has escaped what is in it, and knows whether
 * a draft is still what would be made: a press in between makes nothing else than was shown.
 */

const PAUSE_MS = 400

const form = document.querySelector("form[data-draft]")
let timer = 0
let asking = new AbortController()

/** @param {HTMLFormElement} form */
async function draw(form) {
  asking.abort()
  asking = new AbortController()
  const {signal} = asking
  const url = form.dataset.draft ?? ""
  const answer = await fetch(url, {method: "POST", body: new FormData(form), signal})
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`)
  const text = await answer.text()
  const draft = form.querySelector("[data-drafted]")
  if (!draft || signal.aborted) return
  draft.innerHTML = text
  const told = form.querySelector("[data-told]")
  const said = draft.querySelector("[data-says]")?.textContent ?? ""
  if (told) told.textContent = said.replace(/\s+/g, " ").trim()
}

/** @param {Error} error */
function unlessOvertaken(error) {
  if (error.name !== "AbortError") throw error
}

if (form instanceof HTMLFormElement) {
  form.addEventListener("input", ({target}) => {
    clearTimeout(timer)
    if (target instanceof HTMLSelectElement && target.name === "site") {
      // Another site has other campaigns and templates to choose from.
      form.requestSubmit(form.querySelector("button[name=draft]"))
      return
    }
    timer = setTimeout(() => draw(form).catch(unlessOvertaken), PAUSE_MS)
  })
}
