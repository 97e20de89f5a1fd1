/**
 * Where the shares of a tree stand. Pure: numbers in, numbers out, in time proportional to them.
 *
 * Each cascade is round, its first share in the middle, and every generation a ring around the
 * one before. A share stands in the sector of its parent, which is as wide as the leaves below it
 * are many. A ring is as thick as the most crowded of its sectors needs; within it, shares are
 * spread by the golden ratio, which keeps neighbours apart. Where one share after the other is
 * passed on only once, the chain winds around the middle instead of running out of the picture.
 */

/**
 * @typedef {{x: Float64Array, y: Float64Array, width: number, height: number}} Layout
 *   Positions, in units of a share's width, and the size of what they fill.
 */

const TURN = 2 * Math.PI
const GOLDEN = 0.618033988749895
const BETWEEN_RINGS = 1.6
const BETWEEN_TURNS = 1.3
const BETWEEN_CASCADES = 2.5
const WINDOW = 4
const APART = 0.75
const THIN = 1.5
/** How much more room than their own the cascades may need on their shelves; one fits best. */
const FILLS = [0.7, 0.85, 1, 1.2, 1.45, 1.75, 2.1, 2.5]

/** @typedef {{start: number, end: number, left: number, top: number, width: number, height: number}} Box */

/**
 * Return the layout of shares, each with the place of its parent (-1: none) and the number of its
 * cascade. Cascades come one after the other, parents before their children, generation by
 * generation.
 *
 * @param {number[]} parents
 * @param {number[]} cascades
 * @param {number} [aspect] how much wider than high the picture is
 * @returns {Layout}
 */
export function layout(parents, cascades, aspect = 1.6) {
  const x = new Float64Array(parents.length)
  const y = new Float64Array(parents.length)
  const boxes = []
  for (let start = 0; start < parents.length; ) {
    let end = start + 1
    while (end < parents.length && cascades[end] === cascades[start]) end++
    place(parents, start, end, x, y)
    boxes.push(boxOf(start, end, x, y))
    start = end
  }
  return {x, y, ...pack(boxes, x, y, aspect)}
}

/**
 * Place the shares of one cascade around its first.
 *
 * @param {number[]} parents
 * @param {number} start
 * @param {number} end
 * @param {Float64Array} x
 * @param {Float64Array} y
 */
function place(parents, start, end, x, y) {
  const {middle, rings} = sectors(parents, start, end)
  let inner = 0
  let twist = -TURN / 4
  let before = 0
  for (const ring of rings) {
    if (ring.length === 1 && before === 1 && inner > 0) {
      twist += BETWEEN_TURNS / inner
      inner += BETWEEN_TURNS ** 2 / (TURN * inner)
    } else if (before > 0) {
      inner += BETWEEN_RINGS
    }
    const outer = outerOf(inner, ring, middle)
    const step = stride(ring.length)
    ring.forEach((share, number) => {
      const part = ((number * step) % ring.length) / ring.length
      const radius = Math.sqrt(inner ** 2 + part * (outer ** 2 - inner ** 2))
      x[start + share] = radius * Math.cos(middle[share] + twist)
      y[start + share] = radius * Math.sin(middle[share] + twist)
    })
    inner = outer
    before = ring.length
  }
}

/**
 * Return the step that goes through so many places, each once, and keeps those that follow each
 * other apart: the last from the first as well, which meet where the ring closes.
 *
 * @param {number} size
 */
function stride(size) {
  let step = Math.max(1, Math.round(size * GOLDEN))
  while (divisor(step, size) > 1) step++
  return step
}

/**
 * @param {number} one
 * @param {number} other
 * @returns {number}
 */
function divisor(one, other) {
  return other ? divisor(other, one % other) : one
}

/**
 * Return the middle of each share's sector, in radians, and the shares of each generation in the
 * order of their angles.
 *
 * @param {number[]} parents
 * @param {number} start
 * @param {number} end
 */
function sectors(parents, start, end) {
  const size = end - start
  const leaves = new Float64Array(size)
  const child = new Int32Array(size).fill(-1)
  const sibling = new Int32Array(size).fill(-1)
  for (let share = size - 1; share >= 0; share--) {
    leaves[share] ||= 1
    const parent = parents[start + share] - start
    if (parent < 0) continue
    leaves[parent] += leaves[share]
    sibling[share] = child[parent]
    child[parent] = share
  }
  const from = new Float64Array(size)
  const middle = new Float64Array(size)
  const rings = []
  for (let ring = [0]; ring.length; ) {
    const next = []
    for (const share of ring) {
      middle[share] = from[share] + (TURN * leaves[share]) / leaves[0] / 2
      let edge = from[share]
      for (let each = child[share]; each >= 0; each = sibling[each]) {
        from[each] = edge
        edge += (TURN * leaves[each]) / leaves[0]
        next.push(each)
      }
    }
    rings.push(ring)
    ring = next
  }
  return {middle, rings}
}

/**
 * Return the outer radius that a ring needs: so that no part of it is too crowded, and no two
 * neighbours lie on each other.
 *
 * @param {number} inner
 * @param {number[]} ring
 * @param {Float64Array} middle
 */
function outerOf(inner, ring, middle) {
  const together = Math.min(WINDOW, ring.length - 1)
  if (together < 1) return inner
  const crowd = together / narrowest(ring, middle, together)
  const outer = Math.sqrt(inner ** 2 + 2 * crowd)
  if (outer - inner >= 1) return Math.min(outer, inner + ring.length)
  return narrowest(ring, middle, 1) * inner < APART ? inner + THIN : inner
}

/**
 * Return the least angle between a share of a ring and the one so many places further round.
 *
 * @param {number[]} ring
 * @param {Float64Array} middle
 * @param {number} further
 */
function narrowest(ring, middle, further) {
  let least = TURN
  ring.forEach((share, number) => {
    const next = number + further
    const turned = next < ring.length ? 0 : TURN
    least = Math.min(least, middle[ring[next % ring.length]] + turned - middle[share])
  })
  return Math.max(least, 1e-9)
}

/**
 * @param {number} start
 * @param {number} end
 * @param {Float64Array} x
 * @param {Float64Array} y
 * @returns {Box}
 */
function boxOf(start, end, x, y) {
  let left = Infinity
  let top = Infinity
  let right = -Infinity
  let bottom = -Infinity
  for (let share = start; share < end; share++) {
    left = Math.min(left, x[share])
    right = Math.max(right, x[share])
    top = Math.min(top, y[share])
    bottom = Math.max(bottom, y[share])
  }
  return {start, end, left, top, width: right - left, height: bottom - top}
}

/**
 * Put the cascades on shelves, the largest first, so wide that they fill the picture best.
 * Return the size of the whole.
 *
 * @param {Box[]} boxes
 * @param {Float64Array} x
 * @param {Float64Array} y
 * @param {number} aspect
 */
function pack(boxes, x, y, aspect) {
  const between = BETWEEN_CASCADES
  const area = boxes.reduce((sum, box) => sum + (box.width + between) * (box.height + between), 0)
  const widest = boxes.reduce((most, {width}) => Math.max(most, width), 0)
  const tries = FILLS.map((fill) => shelves(boxes, Math.max(widest, Math.sqrt(area * aspect * fill))))
  /** @param {ReturnType<typeof shelves>} tried */
  const scale = ({width, height}) => Math.max(width, height * aspect)
  const best = tries.reduce((one, other) => (scale(other) < scale(one) ? other : one))
  boxes.forEach((box, number) => {
    for (let share = box.start; share < box.end; share++) {
      x[share] += best.across[number] - box.left
      y[share] += best.down[number] - box.top
    }
  })
  return {width: best.width, height: best.height}
}

/**
 * Return where each cascade stands on shelves of this width, and the size of the whole.
 *
 * @param {Box[]} boxes
 * @param {number} limit
 */
function shelves(boxes, limit) {
  const across = []
  const down = []
  let [width, right, top, bottom] = [0, 0, 0, 0]
  for (const box of boxes) {
    if (right > 0 && right + box.width > limit) {
      right = 0
      top = bottom + BETWEEN_CASCADES
    }
    across.push(right)
    down.push(top)
    width = Math.max(width, right + box.width)
    bottom = Math.max(bottom, top + box.height)
    right += box.width + BETWEEN_CASCADES
  }
  return {across, down, width, height: bottom}
}
