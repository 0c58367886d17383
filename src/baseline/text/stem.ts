const vowel = /[aeiouy]/
const doubled = /([bdfgmnprt])\1$/

/**
 * A light English stemmer: plurals, -ed, -ing and the commonest endings of derivation fall away, so that
 * "optimised", "optimizes" and "optimisation" meet. After Porter, "An algorithm for suffix stripping"
 * (1980), but with fewer steps; the result is a key for comparison, not a word. Words of other scripts
 * and words of three letters or fewer are returned as they are.
 */
export function stem(word: string): string {
  const known = irregular.get(word)
  if (known) return stem(known)
  if (word.length < 4 || !/^[a-z]+$/.test(word)) return word
  return derived(condensed(inflected(plural(word))))
}

/** Forms that no ending tells, of words that documentation is full of. "left" and "bound" are words of their own too. */
const irregular = new Map(`
  begin began begun, break broke broken, build built, catch caught, choose chose chosen, draw drew drawn, find found,
  give gave given, grow grew grown, hide hid hidden, hold held, keep kept, know knew known, lose lost, make made,
  mean meant, override overrode overridden, run ran, see saw seen, send sent, show shown, take took taken,
  throw threw thrown, understand understood, write wrote written, rewrite rewrote rewritten,
  child children, index indices, matrix matrices, vertex vertices
`.split(',').flatMap(line => {
  const [base, ...forms] = line.trim().split(' ')
  return forms.map(form => [form, base!] as const)
}))

function plural(word: string): string {
  if (/(ss|us|is)$/.test(word)) return word
  if (word.endsWith('ies')) return word.length > 4 ? `${word.slice(0, -3)}y` : word
  if (/(x|ch|sh|ss|zz)es$/.test(word)) return word.slice(0, -2)
  return word.endsWith('s') ? word.slice(0, -1) : word
}

function inflected(word: string): string {
  if (word.endsWith('ied')) return `${word.slice(0, -3)}y`
  const base = /^(.{2,})(?:ed|ing)$/.exec(word)?.[1]
  if (!base || !vowel.test(base) || word.endsWith('eed')) return word
  return undoubled(base)
}

/** "stopp(ed)" and "debugg(er)" are "stop" and "debug". */
const undoubled = (base: string) => doubled.test(base) ? base.slice(0, -1) : base

const endings: Array<[RegExp, string]> = [
  [/(?:is|iz)(?:e|er|ation|able)?$/, 'is'],
  [/fulness$|fully$/, 'ful'],
  [/ousness$|ously$/, 'ous'],
  [/ively$|iveness$|ivity$/, 'ive'],
  [/ability$|ibility$|ably$|ibly$/, 'able'],
  [/ically$|icity$|ical$/, 'ic'],
  [/ational$|ation$|ator$|ative$/, 'at'],
  [/tional$/, 'tion'],
  [/ally$/, 'al'],
  [/ness$|ly$/, ''],
  [/or$|er$/, ''],
]

function derived(word: string): string {
  for (const [ending, put] of endings) {
    const found = ending.exec(word)
    if (!found) continue
    return found.index >= 3 ? trimmed(verbal(undoubled(word.slice(0, found.index) + put))) : trimmed(word)
  }
  return trimmed(verbal(word))
}

// Vowels and then other letters, twice: what Porter calls a measure above one. "act(ion)" has one.
const long = /[aeiouy][^aeiouy]+[aeiouy]+[^aeiouy]/

/** The word without an ending, where enough is left to mean something. */
function without(ending: RegExp, word: string): string {
  const base = ending.exec(word)?.[1]
  return base && long.test(base) ? base : word
}

/** "require(ment)", "depend(ency)", "differ(ent)", "avoid(able)", "remov(al)"; and "retri(able)" and "fail(ure)", short as they are. */
const condensed = (word: string) => without(/^(.+?)(?:e?ment|(?<!m)en(?:t|ce|cy)|an(?:t|ce|cy)|[ai]ble|(?<=o[sv])al)$/, word.replace(/(?<=..l)ure$|(?<=[^aeiouy][iy])able$/, ''))

/** "cancel(lation)", "configur(ation)" and "inject(ion)" are what "cancel", "configure" and "inject" are. */
const verbal = (word: string) => without(/^(.+?)(?:ate?|(?<=[st])ion)$/, word)

/** "make" and "mak(ing)", "happy" and "happi(ly)", "control" and "controll(er)" meet here. */
function trimmed(word: string): string {
  if (word.length <= 3) return word
  const last = word.at(-1)!
  if (last === 'e' || word.endsWith('ll')) return word.slice(0, -1)
  return last === 'y' && !vowel.test(word.at(-2)!) ? `${word.slice(0, -1)}i` : word
}
