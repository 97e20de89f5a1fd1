/**
 * What the frame of the admin's pages needs: the menu of narrow screens, the language picker,
 * and the reader's time zone, for the server. Loaded before the page is drawn, so that nothing
 * jumps.
 */

document.documentElement.classList.add("js")

const YEAR = 365 * 24 * 60 * 60
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
document.cookie = `time_zone=${zone}; path=/admin/; max-age=${YEAR}; samesite=lax`

/** @param {Event} event */
function pressed(event) {
  const target = /** @type {Element} */ (event.target)
  const button = document.querySelector(".menu-button")
  const navigation = document.querySelector("#navigation")
  const toggles = target.closest(".menu-button") === button
  const isOpen = toggles ? navigation?.classList.toggle("is-open") : isInside(target, navigation)
  if (!isOpen) navigation?.classList.remove("is-open")
  button?.setAttribute("aria-expanded", String(Boolean(isOpen)))
  for (const menu of document.querySelectorAll("details.user-menu[open]")) {
    if (!menu.contains(target)) menu.removeAttribute("open")
  }
}

/**
 * @param {Element} target
 * @param {Element | null} navigation
 */
function isInside(target, navigation) {
  return navigation?.classList.contains("is-open") && navigation.contains(target)
}

/** @param {KeyboardEvent} event */
function closed(event) {
  if (event.key !== "Escape") return
  const button = document.querySelector(".menu-button")
  const navigation = document.querySelector("#navigation.is-open")
  const menu = document.querySelector("details.user-menu[open]")
  if (navigation) {
    navigation.classList.remove("is-open")
    button?.setAttribute("aria-expanded", "false")
    if (button instanceof HTMLElement) button.focus()
  } else if (menu) {
    menu.removeAttribute("open")
    menu.querySelector("summary")?.focus()
  }
}

/** @param {Event} event */
function chosen(event) {
  const select = event.target
  if (select instanceof HTMLSelectElement && select.id === "language") select.form?.submit()
}

document.addEventListener("click", pressed)
document.addEventListener("keydown", closed)
document.addEventListener("change", chosen)
