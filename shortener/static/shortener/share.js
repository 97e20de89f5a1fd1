/**
 * Share buttons whose every press gets a link of its own, and what becomes of it on landing.
 *
 * `<grapevine-share>` and `grapevine.convert()`; docs/share-buttons.md tells how to use them.
 * One module without dependencies, which talks to nobody but the server it came from. It is
 * served without lines of comment, indentation and blanks, so no comment stands behind code; and
 * what is written shorter than elsewhere is so because every page loads it.
 */

/** @typedef {{ base: string, codes: Record<string, string> }} Offer */
/** @typedef {{ code: string, visit: string, day: string, open?: boolean }} Arrival */

/** @type {any} */
const { globalPrivacyControl: isPrivate, webdriver: automated } = navigator
/** @param {string} selector @returns {any} */
const find = (selector) => document.querySelector(selector) ?? {}
const here = import.meta.url
const server = here.replace(/[^/]*$/, "")
const { site = "", tag = "gv", app } = find('script[src*="/share."][data-site]').dataset ?? {}

/**
 * By name: path of the icon, label, what opens the app: `u` is the link, `t` the text, `m`
 * both, `p` the page itself. What opens no app is copied, shown, or handed to the device.
 *
 * @type {Record<string, string[]>}
 */
const channels = {
  whatsapp: ["M12 3a9 9 0 0 0-8 13l-1 5 5-1a9 9 0 1 0 4-17zM9 8c-2 1 0 7 5 7l2-2-2-1-1 1-3-3 1-1z", "WhatsApp", "https://wa.me/?text={m}"],
  telegram: ["M21 4 3 11l5 2 3 7 3-4 4 3zM8 13l8-5-4 6", "Telegram", "https://t.me/share/url?url={u}&text={t}"],
  signal: ["M12 3a9 9 0 0 0-8 13l-1 5 5-1a9 9 0 1 0 4-17zM8 12a4 4 0 1 0 8 0 4 4 0 1 0-8 0z", "Signal"],
  sms: ["M3 4h18v13h-8l-5 4v-4H3zM8 11h8", "SMS", "sms:?&body={m}"],
  email: ["M3 5h18v14H3zM3 7l9 6 9-6", "", "mailto:?subject={t}&body={m}"],
  copy: ["M9 9h11v11H9zM15 5V4H4v11h1"],
  native: ["M12 14V3M8 7l4-4 4 4M8 10H5v10h14V10h-3"],
}
const inline = Object.keys(channels).join(" ")

/**
 * By language: share, copy, copied, where to paste it, email.
 *
 * @type {Record<string, string[]>}
 */
const labels = { en: ["Share", "Copy link", "Link copied", "paste it in {}", "Email"] }

/** All the other languages and channels, asked for where a page needs one. @type {any} */
let more

// Neither an inline style nor a request: no content security policy is in its way. Browsers
// too old for it show what the page itself has put into the element.
const sheet = new CSSStyleSheet()
// Colours come from the text around, so that they fit light pages and dark ones.
sheet.replaceSync(`
:host { display: block; font: 600 .9375em/1.3 var(--grapevine-share-font, system-ui) }
div {
align-items: center;
display: flex;
flex-wrap: wrap;
gap: var(--grapevine-share-gap, .5em);
}
.stack { display: inline-grid }
:focus-visible { outline-width: 3px }
a, button, input {
align-items: center;
background: var(--grapevine-share-background, color-mix(in srgb, currentColor 8%, transparent));
border: 1px solid var(--grapevine-share-border, color-mix(in srgb, currentColor 30%, transparent));
border-radius: var(--grapevine-share-radius, 22px);
color: var(--grapevine-share-color, inherit);
display: flex;
font: inherit;
gap: .5em;
min-block-size: 44px;
min-inline-size: 44px;
padding: 0 .75em;
text-decoration: none;
}
@media (hover: hover) {
:is(a, button):hover {
background: var(--grapevine-share-accent, #5d2e8c);
color: var(--grapevine-share-accent-text, #fff);
}
}
input { inline-size: min(20em, 90%) }
img { inline-size: 11em }
div:not(:empty, :first-child) { margin-block-start: .5em }
[hidden] { display: none }
svg {
fill: none;
inline-size: 1.3em;
stroke: currentColor;
stroke-linecap: round;
stroke-width: 1.75;
}
`)

// The landing: who brought this visitor.

/**
 * @param {"sessionStorage" | "localStorage"} storage
 * @param {unknown} [value]
 */
function stored(storage, value) {
  try {
    if (value) self[storage].grapevine = JSON.stringify(value)
    return JSON.parse(self[storage].grapevine)
  } catch {}
}

const today = () => new Date().toDateString()

/** @type {Arrival} */
let arrival = { code: "", visit: `${Math.random()}`, day: today() }

/** The share that led here, as long as the day lasts. */
const brought = () => (arrival.day === today() ? arrival.code : "")

/** Codes that this browser had in its address bar. @returns {string[]} */
const own = () => stored("localStorage") ?? []

/**
 * The address with another code in it, or none, and without the parameters that are not
 * wanted. All others are kept to the letter, since some pages read them in ways of their own.
 *
 * @param {string} [code]
 * @param {RegExp} [unwanted]
 */
function address(code, unwanted) {
  const url = new URL(location.href)
  const parts = url.search.slice(1).split("&").filter((part) => {
    const [name] = part.split("=")
    return name && name !== tag && !unwanted?.test(name)
  })
  if (code) parts.push(`${tag}=${code}`)
  url.search = parts.join("&")
  return url
}

/** @param {string} [code] */
const show = (code) => history.replaceState(history.state, "", address(code))

// Phones end pages that are out of sight without telling them.
const keep = () =>
  arrival.code && stored("sessionStorage", { ...arrival, open: !document.hidden })

function land() {
  const value = new URL(location.href).searchParams.get(tag) ?? ""
  if (value) show()
  if (isPrivate) return
  let [code, parent] = value.split(".")
  if (own().includes(code)) code = ""
  arrival.code = code
  const kept = stored("sessionStorage")
  // What is still open belongs to another tab, from which this one was copied.
  const goesOn = kept?.open === false && kept.day === arrival.day
  // With the same code, or none.
  if (goesOn && kept.code.includes(code)) arrival = kept
  keep()
  document.addEventListener("visibilitychange", keep)
  const referrer = document.referrer.split("/")[2]
  if (!code && referrer === location.host) return
  /** @type {any} */
  const [entry] = performance.getEntriesByType("navigation")
  const url = canonical() || location.origin + location.pathname
  report({ kind: "visit", code, parent, url, referrer, navigation: entry?.type })
}

// The page: its address, and what it says of itself.

/** @param {string} name */
const meta = (name) => find(`[property="og:${name}"]`).content ?? ""
const title = () => meta("title") || document.title
const link = () => find("link[rel=canonical]").href
const first = [link(), location.pathname]

/** A canonical link that did not follow a change of route tells of another page. */
const canonical = () =>
  link() !== first[0] || location.pathname === first[1] ? link() : undefined

function pageUrl() {
  const url = address("", /^(utm_\w+|\w*clk?id|igshid|mc_[ce]id|_ga|ref_src)$/)
  url.hash = ""
  return canonical() || url.href
}

// The server.

/**
 * Tell the server, also where the page ends meanwhile. A beacon would not always say which
 * site it comes from: under some referrer policies its origin is null.
 *
 * @param {Record<string, unknown>} event
 */
const report = (event) =>
  fetch(`${server}events`, {
    method: "POST",
    keepalive: true,
    body: JSON.stringify([{ site, automated, ...event }]),
  }).catch(() => {})

/**
 * Report what a visit led to. It counts once for each visit and name.
 *
 * @param {string} name
 * @param {{ value?: number, currency?: string }} [worth]
 */
function convert(name, worth) {
  const { visit } = arrival
  report({ ...worth, kind: "conversion", name, visit, code: brought(), url: pageUrl() })
}

/**
 * Codes for one press through each channel. Undefined: none now, but the server can mint one
 * when a button is pressed. Null: it cannot.
 *
 * @param {string} query
 * @returns {Promise<Offer | null | undefined>}
 */
const ask = (query) =>
  fetch(`${server}offer?${query}`)
    .then((answer) => (answer.ok ? answer.json() : answer.status < 500 ? null : undefined))
    // Is that blocked alone, or is all of the server out of reach?
    .catch(() =>
      fetch(`${server}robots.txt`, { mode: "no-cors" }).then(
        () => {},
        () => null,
      ),
    )

// The element.

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {(Node | string)[]} children
 * @returns {any}
 */
function create(name, attributes, ...children) {
  const element = /svg|path/.test(name)
    ? document.createElementNS("http://www.w3.org/2000/svg", name)
    : document.createElement(name)
  for (const key in attributes) element.setAttribute(key, attributes[key])
  element.append(...children)
  return element
}

/** @param {string} name */
const icon = (name) =>
  create(
    "svg",
    { part: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" },
    create("path", { d: channels[name][0] }),
  )

const hasNoSheet = !navigator.canShare?.({ url: here })
const isDesktop = !matchMedia("(pointer: coarse)").matches
/** Channels that make no sense on this device. @type {Record<string, boolean>} */
const senseless = { sms: isDesktop, native: hasNoSheet, messenger: hasNoSheet }

/**
 * Put into the clipboard what is still to come. It is handed over at once where browsers take
 * it, as some allow it during the press only.
 *
 * @param {Promise<string>} text
 */
async function write(text) {
  const { clipboard } = navigator
  const type = "text/plain"
  try {
    const blob = text.then((text) => new Blob([text], { type }))
    await clipboard.write([new ClipboardItem({ [type]: blob })])
  } catch {
    await clipboard.writeText(await text)
  }
}

/** @type {Set<Bar>} */
const bars = new Set()

/** Have the data of share.json; what is missing here without it is left out. */
const loadMore = () =>
  (more ??= fetch(`${server}share.json`)
    .then((answer) => answer.json())
    .catch(() => ({}))
    .then((data) => {
      Object.assign(channels, data.channels)
      if (app && isDesktop) {
        // What opens Messenger for whoever has an app there; it has nothing for phones.
        channels.messenger?.splice(2, 1)
        delete senseless.messenger
      }
      Object.assign(labels, data.labels)
      more = true
      bars.forEach((bar) => bar.render())
    }))

/** The path whose address was given a code of this visitor's. */
let barred = ""

/**
 * Put this visitor's own code into the address bar, once a page. It goes with the code that
 * had brought the visitor, since nothing else will tell what came of what. Only where the
 * browser can remember which codes are its own.
 *
 * @param {string} code
 */
function bar(code) {
  if (isPrivate || barred === location.pathname) return
  if (!stored("localStorage", [code, ...own()].slice(0, 50))) return
  barred = location.pathname
  show([code, brought()].filter(Boolean).join("."))
}

class Bar extends HTMLElement {
  static observedAttributes = "channels text url link placement layout lang".split(" ")

  #root = this.attachShadow({ mode: "open" })
  /** @type {Offer | null | undefined} */
  #offer
  /** What the offer is for, and when it was asked for. */
  #query = ""
  #asked = 0
  /** Those of the site, once they are known. */
  #channels = ""
  /** @type {Promise<void> | undefined} */
  #asking
  #isNear = false
  #panel = create("div", { part: "panel", role: "status" })
  /** @type {string[]} */
  #words = []

  constructor() {
    super()
    this.#root.adoptedStyleSheets = [sheet]
    const near = () => {
      this.#isNear = true
      this.renew()
    }
    this.addEventListener("pointerover", near)
    this.addEventListener("focusin", near)
    new IntersectionObserver(([entry]) => entry.isIntersecting && near(), {
      rootMargin: "300px",
    }).observe(this)
  }

  connectedCallback() {
    bars.add(this)
    this.render()
  }

  disconnectedCallback() {
    bars.delete(this)
  }

  attributeChangedCallback() {
    this.render()
  }

  /** @param {string} name */
  #get(name) {
    return this.getAttribute(name)?.trim() ?? ""
  }

  get #text() {
    return this.#get("text") || (this.#get("url") ? "" : title())
  }

  /** What is shared where no code is to be had. */
  get #page() {
    const code = this.#get("link")
    return code ? server + code : create("a", { href: this.#get("url") || pageUrl() }).href
  }

  /** @param {string} name */
  #url(name) {
    const code = this.#offer?.codes[name]
    return code ? this.#offer?.base + code : this.#offer === null ? this.#page : undefined
  }

  /** @param {string} name */
  #href(name) {
    const t = this.#text
    const u = this.#url(name)
    const compose = channels[name][2]
    if (!u) {
      const press = { text: t, parent: brought(), placement: this.#get("placement") }
      return `${server}share/${name}?${this.#query}&${new URLSearchParams(press)}`
    }
    /** @type {Record<string, string>} */
    const values = { t, u, m: `${t} ${u}`.trim(), p: location.href, a: app }
    return compose ? compose.replace(/{(.)}/g, (_, key) => encodeURIComponent(values[key])) : u
  }

  render() {
    /** @type {string} */
    const lang = (this.closest("[lang]") ?? find("html")).lang.toLowerCase()
    const words = labels[lang] ?? labels[lang.split("-")[0] || "en"]
    const wanted = (this.#get("channels") || this.#channels || inline).split(/\s+/)
    if (more !== true && !(words && wanted.every((name) => channels[name]))) {
      loadMore()
      // Until then, what the page itself has put there, or what has been there.
      if (this.firstElementChild) return this.#root.firstChild || this.#root.append(create("slot", {}))
    }
    const focused = this.#root.activeElement?.id ?? ""
    const [share, copy, , , email] = (this.#words = words ?? labels.en)
    /** @type {Record<string, string>} */
    const local = { copy, email, native: share + "…" }
    const layout = this.#get("layout")
    const row = create("div", { part: "bar", class: layout, role: "group", "aria-label": share })
    for (const name of wanted) {
      if (!channels[name] || senseless[name]) continue
      const label = create("span", { part: "label" }, local[name] ?? channels[name][1])
      // A tab for what opens a page; none for what opens an app.
      const target = /^h/.test(channels[name][2]) ? "_blank" : ""
      const button = create("a", { id: name, part: `button ${name}`, target }, icon(name), label)
      button.onclick = button.onauxclick = this.#press.bind(this, name)
      row.append(button)
    }
    this.#root.replaceChildren(row, this.#panel)
    if (layout === "native") this.#fold(row, share)
    this.#take(this.#offer)
    this.renew()
    this.#root.getElementById(focused)?.focus()
  }

  /**
   * One button in the place of all: the device's own sheet, or else a menu of them.
   *
   * @param {HTMLElement} bar
   * @param {string} share
   */
  #fold(bar, share) {
    const button = create("button", { part: "button" }, icon("native"), share)
    const toggle = () => {
      bar.hidden = !bar.hidden
      if (hasNoSheet) button.ariaExpanded = !bar.hidden
    }
    toggle()
    bar.className = "stack"
    button.onclick = hasNoSheet ? toggle : this.#press.bind(this, "native")
    bar.onkeydown = ({ key }) => key === "Escape" && button.focus(toggle())
    this.#root.prepend(button)
  }

  /**
   * Have codes for what is to be shared now: asked for once the bar is near, and again after
   * a press, or where the page has become another one.
   */
  renew(isUsed = false) {
    const code = this.#get("link")
    const wanted = this.#get("channels") || (this.hasAttribute("addressbar") && this.#channels)
    const asked = new URLSearchParams({
      ...(code ? { link: code } : { site, url: this.#page }),
      channels: wanted ? `${wanted} native addressbar`.replace(/\s+/g, ",") : "",
      ...(this.#get("url") ? { title: this.#text } : { title: title(), image: meta("image") }),
    })
    const query = asked.toString()
    if (isUsed || query !== this.#query) {
      this.#query = query
      this.#take()
    } else if (this.#offer || Date.now() - this.#asked < 5000) return
    if (!this.#isNear) return
    this.#asked = Date.now()
    this.#asking = ask(query).then((offer) => {
      if (query === this.#query) this.#take(offer)
      if (query !== this.#query) return this.#asking
    })
  }

  /** @param {Offer | null} [offer] */
  #take(offer) {
    this.#offer = offer
    for (const button of this.#root.querySelectorAll("a")) button.href = this.#href(button.id)
    if (!offer) return
    const { addressbar } = offer.codes
    const list = Object.keys(offer.codes).join(" ")
    if (!addressbar && list !== this.#channels) {
      // The channels of the site, since the page names none.
      this.#channels = list
      list === inline ? this.renew() : this.render()
    }
    if (addressbar && this.hasAttribute("addressbar")) bar(addressbar)
  }

  /**
   * @param {string} name
   * @param {MouseEvent} event
   */
  #press(name, event) {
    // The right button, and those that go back and forward.
    if (event.button > 1) return
    // The page may have become another one.
    this.renew()
    if (channels[name][2]) return this.#pressed(name, this.#offer?.codes[name])
    event.preventDefault()
    if (name in senseless) this.#handOver(name)
    else this.#copy(name)
  }

  /**
   * @param {string} channel
   * @param {string} [code]
   * @param {string} [kind]
   */
  #pressed(channel, code, kind = "press") {
    if (code) report({ kind, code, placement: this.#get("placement"), parent: brought() })
    this.dispatchEvent(
      new CustomEvent(`grapevine:${kind === "press" ? "share" : kind}`, {
        bubbles: true,
        composed: true,
        detail: { channel, code },
      }),
    )
    // After the browser has followed the link.
    setTimeout(() => this.renew(true))
  }

  /**
   * What to pass on, and its code. Waits for an offer that is under way, but no longer than
   * browsers let a press copy and share: five seconds.
   *
   * @param {string} name
   */
  async #link(name) {
    await Promise.race([this.#asking, new Promise((resolve) => setTimeout(resolve, 4e3))])
    return { code: this.#offer?.codes[name], url: this.#url(name) ?? this.#page }
  }

  /** @param {string} name */
  async #handOver(name) {
    const { code, url } = await this.#link(name)
    const failure = await navigator.share({ title: this.#text, url }).catch(({ name }) => name)
    const kind = failure === "AbortError" ? "cancel" : "press"
    if (failure && kind === "press") this.#display(url)
    this.#pressed(name, code, kind)
  }

  /** @param {string} name */
  async #copy(name) {
    const link = this.#link(name)
    try {
      if (name === "qr") throw 0
      await write(link.then(({ url }) => url))
      const [, , copied, paste] = this.#words
      const where = name === "copy" ? "" : " – " + paste.replace("{}", channels[name][1])
      this.#panel.textContent = copied + where
    } catch {
      const { code, url } = await link
      this.#display(url, name === "qr" ? code : "")
    }
    this.#pressed(name, (await link).code)
  }

  /**
   * Show the link, to be copied by hand, or scanned.
   *
   * @param {string} value
   * @param {string} [qr]
   */
  #display(value, qr) {
    const label = this.#words[1]
    const field = create("input", { part: "field", value, readonly: "", "aria-label": label })
    this.#panel.replaceChildren(field)
    if (qr) this.#panel.prepend(create("img", { alt: "QR", src: `${server}qr/${qr}.svg` }))
    field.focus()
    field.select()
  }
}

if (!customElements.get("grapevine-share")) {
  /** @type {any} */
  const { prerendering } = document
  if (prerendering) {
    // Nobody has come yet.
    await new Promise((resolve) => document.addEventListener("prerenderingchange", resolve))
  }
  land()
  customElements.define("grapevine-share", Bar)
  /** @type {any} */
  const { navigation } = self
  navigation?.addEventListener("navigatesuccess", () => bars.forEach((bar) => bar.renew()))
  const grapevine = {
    convert,
    get code() {
      return brought()
    },
    get visit() {
      return arrival.visit
    },
  }
  Object.assign(self, { grapevine })
}
