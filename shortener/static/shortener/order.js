/**
 * Lets the share buttons of a site be put in order: "up" and "down" beside every box.
 *
 * The browser sends ticked boxes in the order of the page, so moving a box is all it takes.
 * The words, in which `{name}` stands for the channel, are data of `#order-words`.
 * Without JavaScript the order stays as it is.
 */

/**
 * @param {string} sign
 * @param {string} label
 * @param {() => void} act
 */
function button(sign, label, act) {
  const element = document.createElement("button")
  element.type = "button"
  element.className = "move"
  element.textContent = sign
  element.setAttribute("aria-label", label)
  element.addEventListener("click", () => {
    act()
    // Moving an element takes the focus from the button inside it.
    element.focus()
  })
  return element
}

const words = document.getElementById("order-words")?.dataset ?? {}

for (const row of document.querySelectorAll("#id_channels > div")) {
  const name = row.textContent?.trim() ?? ""
  row.append(
    button("↑", (words.up ?? "").replace("{name}", name), () => row.previousElementSibling?.before(row)),
    button("↓", (words.down ?? "").replace("{name}", name), () => row.nextElementSibling?.after(row)),
  )
}
