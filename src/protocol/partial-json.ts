/**
 * The value of JSON that is still being written: every list, object and text as far as it has come.
 * Numbers, words and names are left out until they are whole, because half of one says something else.
 * A fence of a code block around the JSON is skipped.
 * @returns `undefined` while there is nothing, and for what is no JSON
 */
export function readPartialJson(text: string): unknown {
  const start = /^\s*(?:```(?:json)?\s*\n)?\s*/i.exec(text)![0].length
  try {
    return valueAt(text, start)?.value
  } catch {
    // Nested deeper than anybody reads.
    return undefined
  }
}

/** What stands at a place. `end` is where reading goes on; `null` where the text ended inside. */
interface Found {
  readonly value: unknown
  readonly end: number | null
}

/** @returns `null` where nothing of a value is known yet */
function valueAt(text: string, at: number): Found | null {
  switch (text[at]) {
    case '{': return objectAt(text, at)
    case '[': return listAt(text, at)
    case '"': return textAt(text, at)
    default: return wordAt(text, at)
  }
}

const space = /\s*/y

function skip(text: string, at: number): number {
  space.lastIndex = at
  space.test(text)
  return space.lastIndex
}

function listAt(text: string, at: number): Found {
  const list: unknown[] = []
  let place = skip(text, at + 1)
  if (text[place] === ']') return { value: list, end: place + 1 }
  while (place < text.length) {
    const item = valueAt(text, place)
    if (item) list.push(item.value)
    if (!item || item.end === null) break
    place = skip(text, item.end)
    if (text[place] === ']') return { value: list, end: place + 1 }
    if (text[place] !== ',') break
    place = skip(text, place + 1)
  }
  return { value: list, end: null }
}

function objectAt(text: string, at: number): Found {
  const object: Record<string, unknown> = {}
  let place = skip(text, at + 1)
  if (text[place] === '}') return { value: object, end: place + 1 }
  while (text[place] === '"') {
    const name = textAt(text, place)
    if (name.end === null) break
    const colon = skip(text, name.end)
    const item = text[colon] === ':' ? valueAt(text, skip(text, colon + 1)) : null
    // By definition: a name such as "__proto__" must not do anything else.
    if (item) Object.defineProperty(object, name.value as string, { value: item.value, writable: true, enumerable: true, configurable: true })
    if (!item || item.end === null) break
    place = skip(text, item.end)
    if (text[place] === '}') return { value: object, end: place + 1 }
    if (text[place] !== ',') break
    place = skip(text, place + 1)
  }
  return { value: object, end: null }
}

/** Whole characters and whole escapes of a text. */
const units = /(?:[^"\\]+|\\u[\da-f]{4}|\\[^u])*/iy

function textAt(text: string, at: number): Found {
  units.lastIndex = at + 1
  units.test(text)
  const end = units.lastIndex
  const whole = text[end] === '"'
  try {
    const value = JSON.parse(`"${text.slice(at + 1, end)}"`) as string
    // The first half of a character that takes two is none yet.
    return whole ? { value, end: end + 1 } : { value: value.replace(/[\ud800-\udbff]$/, ''), end: null }
  } catch {
    return { value: '', end: null }
  }
}

const word = /true|false|null|-?\d[\d.e+-]*(?=[\s,\]}])/iy

function wordAt(text: string, at: number): Found | null {
  word.lastIndex = at
  if (!word.test(text)) return null
  try {
    return { value: JSON.parse(text.slice(at, word.lastIndex)) as unknown, end: word.lastIndex }
  } catch {
    return null
  }
}
