/**
 * Redraws the pictures of a link's own preview while its form is filled in.
 *
 * Nothing is sent anywhere: a chosen picture is read by the browser, and only for these pictures.
 */

const form = document.querySelector("form[data-own-host]")

/** @param {string} name */
const field = (name) =>
  /** @type {HTMLInputElement | null} */ (document.getElementById(`id_${name}`))

/**
 * @param {string} what
 * @returns {NodeListOf<HTMLElement>}
 */
const places = (what) => document.querySelectorAll(`[data-shows="${what}"]`)

/**
 * @param {string} what
 * @param {string} text
 */
function write(what, text) {
  for (const place of places(what)) {
    const limit = Number(place.dataset.limit)
    const letters = [...text]
    const isCut = limit > 0 && letters.length > limit
    place.textContent = isCut ? `${letters.slice(0, limit - 1).join("")}…` : text
  }
}

/** @param {string} address */
function showPicture(address) {
  for (const place of places("picture")) {
    if (address) place.setAttribute("src", address)
    place.hidden = !address
  }
  for (const place of places("no-picture")) place.hidden = true
  for (const place of places("box")) place.hidden = !address
}

/** @param {File} file */
function read(file) {
  const reader = new FileReader()
  reader.addEventListener("load", () => showPicture(String(reader.result)))
  reader.readAsDataURL(file)
}

if (form instanceof HTMLElement) {
  const ownHost = form.dataset.ownHost ?? ""
  const before = document.querySelector('img[data-shows="picture"]')?.getAttribute("src") ?? ""
  const fallback = field("title")?.placeholder ?? ""

  form.addEventListener("input", ({ target }) => {
    write("title", field("title")?.value.trim() || fallback)
    write("description", field("description")?.value.trim() ?? "")
    write("host", ownHost)
    const file = field("upload")?.files?.[0]
    if (target === field("upload") && file) read(file)
    else if (!file) showPicture(field("remove_picture")?.checked ? "" : before)
  })
}
