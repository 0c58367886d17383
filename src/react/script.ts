/** Scripts that tell a language by themselves, or nearly; those that are part of another's writing stand before it. */
const scripts: readonly [script: string, letters: RegExp, language: string][] = [
  ['Jpan', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu, 'ja'],
  ['Kore', /\p{Script=Hangul}/gu, 'ko'],
  ['Hans', /\p{Script=Han}/gu, 'zh'],
  ['Arab', /\p{Script=Arabic}/gu, 'ar'],
  ['Hebr', /\p{Script=Hebrew}/gu, 'he'],
  ['Deva', /\p{Script=Devanagari}/gu, 'hi'],
  ['Cyrl', /\p{Script=Cyrillic}/gu, 'ru'],
  ['Grek', /\p{Script=Greek}/gu, 'el'],
  ['Thai', /\p{Script=Thai}/gu, 'th'],
]

/** Characters that are looked at: an answer's first sentences. */
const enough = 600

/** A part of all letters from which a script is that of the text, and not of a name in it. */
const share = 0.25

/**
 * The language of a text as its script tells it, for `lang`: a voice of the page's language cannot
 * read another script at all. Languages of one script are not told apart.
 * @param locale the page's: what is in its own script is taken to be in its language
 */
export function languageOf(text: string, locale: string): string {
  const start = text.slice(0, enough)
  const letters = start.match(/\p{L}/gu)?.length ?? 0
  const found = scripts.find(([, pattern]) => (start.match(pattern)?.length ?? 0) > letters * share)
  if (!found) return locale
  const [script, , language] = found
  return scriptOf(locale) === script ? locale : language
}

function scriptOf(locale: string): string | undefined {
  const { script } = new Intl.Locale(locale).maximize()
  return script === 'Hant' ? 'Hans' : script
}
