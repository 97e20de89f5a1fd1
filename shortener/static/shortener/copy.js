/**
 * Buttons that copy the text of another element: `<button data-copy="its-id"
 * data-copied="Copied" data-selected="Selected: now copy it" hidden>`.
 *
 * They stay hidden without JavaScript. What happened is told in a status beside the button:
 * "copied" only when the browser said so, else the text is selected and the rest is asked for.
 */

const STATUS_MS = 5000

/** @param {HTMLElement} element */
function textOf(element) {
  return "value" in element ? String(element.value) : (element.textContent ?? "").trim()
}

/** @param {HTMLElement} element */
function select(element) {
  if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) {
    element.focus()
    element.select()
  } else {
    getSelection()?.selectAllChildren(element)
  }
}

/**
 * @param {HTMLElement} element
 * @param {DOMStringMap} words
 */
async function copy(element, words) {
  try {
    // Undefined on plain http, refused in some in-app browsers and frames.
    await navigator.clipboard.writeText(textOf(element))
    return words.copied ?? ""
  } catch {
    select(element)
    return words.selected ?? ""
  }
}

/** @param {HTMLButtonElement} button */
function enhance(button) {
  const source = document.getElementById(button.dataset.copy ?? "")
  if (!source) return
  const status = document.createElement("span")
  status.className = "copy-status"
  status.setAttribute("role", "status")
  button.after(status)
  button.hidden = false
  let timer = 0
  button.addEventListener("click", async () => {
    clearTimeout(timer)
    status.textContent = await copy(source, button.dataset)
    timer = setTimeout(() => (status.textContent = ""), STATUS_MS)
  })
  if (source instanceof HTMLInputElement) source.addEventListener("focus", () => source.select())
}

document.querySelectorAll("button[data-copy]").forEach((button) => {
  enhance(/** @type {HTMLButtonElement} */ (button))
})
