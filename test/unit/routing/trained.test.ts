import { statSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { classify, loadClassifier, needOf } from '../../../src/routing/index.ts'
import type { Classifier } from '../../../src/routing/index.ts'
import { isForeign } from '../../../src/routing/language.ts'
import { classifyByRules, createClassifier } from '../../../src/routing/trained.ts'
import { decided } from '../../../src/routing/verdict.ts'
import { weights } from '../../../src/routing/weights.ts'
import type { Need } from '../../../src/core/index.ts'
import { openedLong, openedLongPairs } from '../../fixtures/routing/long-requests.ts'
import { opened, openedDrafting } from '../../fixtures/routing/requests.ts'
import { rewordings } from '../../fixtures/routing/rewordings.ts'
import { fresh, otherLanguages, seen } from './requests.ts'

const trained = await loadClassifier()
const rows = (requests: Record<Need, readonly string[]>) => (Object.keys(requests) as Need[]).flatMap(need => requests[need].map(text => ({ need, text })))

describe('the trained classifier', () => {
  test.each(Object.entries({ seen, fresh, opened, openedDrafting, openedLong }))('reads nearly all of "%s" right, and no more than three in a hundred as reasoning that are not', (_, requests) => {
    const all = rows(requests)
    const others = all.filter(({ need }) => need !== 'reason')
    expect(all.filter(({ need, text }) => trained(text).need === need).length / all.length).toBeGreaterThanOrEqual(0.95)
    expect(others.filter(({ text }) => trained(text).need === 'reason').length / others.length).toBeLessThanOrEqual(0.03)
  })

  test('reads a story the same wherever it says what is wanted, in six of seven', () => {
    const same = openedLongPairs.filter(([first, last]) => trained(first).need === trained(last).need)
    expect(same.length / openedLongPairs.length).toBeGreaterThanOrEqual(0.85)
  })

  test.each<[Need, string]>([
    ['generate', 'Two members abstained when the committee of 3 May approved the budget of 12,000 euros and put off the roof. Minutes in a formal tone, please.'],
    ['generate', 'Give this a catchy name: the recipe serves 4 and takes 45 minutes, with onions, two tins of tomatoes, red lentils and cumin in it.'],
    ['reason', 'Two members abstained when the committee of 3 May approved the budget of 12,000 euros. If each of the 14 others gives a third more than last year, how much does each give?'],
    ['none', 'We moved last week with 64 boxes, two cats and a piano, and of course the manual ended up with the waste paper. Where can I download the manual?'],
  ])('reads as %s what its wish asks for: %s', (need, text) => {
    expect(trained(text).need).toBe(need)
  })

  test('reads the end of a long text, which says what is to become of it', () => {
    const paste = 'The committee heard reports from each department. Sales rose in the north and fell in the south. '.repeat(45)
    expect(trained(`${paste}Write a two-line summary of the above.`).need).toBe('generate')
    expect(trained(`${paste}Please translate that.`).need).toBe('generate')
    expect(trained(`${'A shop sold 300 units in May. '.repeat(20)}Write the answer as a fraction.`).reason.code).not.toBe('need-drafting')
  })

  test('looks a long text up only where that is likelier than all else', () => {
    const long = Object.entries(opened).flatMap(([, texts]) => texts.map((text, at) => `${text} ${texts[(at + 7) % texts.length]!} ${texts[(at + 3) % texts.length]!} ${texts[(at + 11) % texts.length]!}`)).map(text => trained(text)).filter(({ reason }) => reason.code === 'need-long')
    expect(long.length).toBeGreaterThan(5)
    expect(long.filter(({ need, chances }) => (need === 'none') !== (chances.none >= 0.5))).toEqual([])
    expect(decided({ none: 0.4, generate: 0.35, reason: 0.25 }, 'x', 0.6).need).toBe('generate')
  })

  test('gives a question the same need in other words', () => {
    expect(rewordings.filter(([a, b]) => trained(a).need === trained(b).need).length / rewordings.length).toBeGreaterThanOrEqual(0.9)
  })

  test('says the same of a text each time, whatever came between, and from fresh weights', () => {
    const texts = rows(opened).map(({ text }) => text)
    const first = texts.map(text => trained(text))
    expect(texts.toReversed().map(text => trained(text)).toReversed()).toEqual(first)
    expect(texts.map(createClassifier(weights))).toEqual(first)
  })

  test('counts a feature once, however often it is said', () => {
    expect(trained('weather '.repeat(20)).chances).toEqual(trained('weather '.repeat(21)).chances)
  })

  test('gives chances that sum to one, and reasoning only where it is likelier than not', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.constantFrom(...rows(seen).map(({ text }) => text))), text => {
      const { need, chances, reason } = trained(text)
      expect(chances.none + chances.generate + chances.reason).toBeCloseTo(1, 9)
      expect(need === 'reason').toBe(chances.reason > 0.5)
      expect(Object.values(chances).every(chance => chance >= 0 && chance <= 1)).toBe(true)
      expect(reason.code).toMatch(/^need-[a-z-]+$/)
    }), { numRuns: 40 })
  })

  test.each(['', ' ', '\n\n', '🙂', '🙂🙂🙂🙂🙂🙂🙂', '\u{d800}', '???', '…', '0', 'ا', '字'])('takes "%s" for no more than a look-up or a text', text => {
    expect(trained(text).need).not.toBe('reason')
    expect(classify(text).need).not.toBe('reason')
  })
})

describe('weights', () => {
  test('fit in 150 kB as they are kept', () => {
    expect(statSync(new URL('../../../src/routing/weights.ts', import.meta.url)).size).toBeLessThanOrEqual(150_000)
  })

  test('are loaded once, and by nobody who only takes the rules', async () => {
    expect(await loadClassifier()).toBe(trained)
    expect(loadClassifier()).toBe(loadClassifier())
  })
})

describe('a language that it was not made for', () => {
  const sentences = ['Beweise, dass die Wurzel aus 2 irrational ist', 'Résous 3x + 7 = 2x - 5 et montre tes étapes', 'Demuestra que la suma de dos números impares es par', 'Докажи, что простых чисел бесконечно много', '证明根号二是无理数', 'أثبت أن عدد الأعداد الأولية لا نهائي', 'Udowodnij, że liczb pierwszych jest nieskończenie wiele']

  test.each([['weights', trained], ['rules', classifyByRules]] as const)('is never reasoning, and is named where there is enough of it, by %s', (_, classifier) => {
    expect([...sentences, ...otherLanguages].filter(text => classifier(text).need === 'reason')).toEqual([])
    expect(sentences.filter(text => classifier(text).reason.code !== 'need-other-language')).toEqual([])
  })

  test('is not seen in English with strange names in it', () => {
    const english = ['Where did the ukulele originate?', 'Who was the wife of Vercingetorix?', 'Why does kubectl hang on minikube?', 'Who killed Lee Harvey Oswald?', 'Prove Fermat\'s little theorem', 'Summarise Nibelungenlied and Kalevala']
    expect(english.filter(text => trained(text).reason.code === 'need-other-language')).toEqual([])
  })

  test('shows after a verb that English has too', () => {
    const foreign = ['Resume este artículo', 'Resume este artículo en tres frases', 'Compare les deux textes suivants', 'Imagine une histoire de dragons']
    expect(foreign.filter(text => trained(text).reason.code !== 'need-other-language')).toEqual([])
    expect(['Resume the download', 'play la bamba', 'Compare the two texts'].filter(text => trained(text).reason.code === 'need-other-language')).toEqual([])
  })

  test('is told by script or by words that nobody knows', () => {
    const knows = (word: string) => ['the', 'cat', 'sat'].includes(word)
    expect(isForeign('the cat sat', knows, 0.5)).toBe(false)
    expect(isForeign('la gatta sedeva qui', knows, 0.5)).toBe(true)
    expect(isForeign('кот', knows, 0.5)).toBe(true)
    expect(isForeign('gatta', knows, 0.5)).toBe(false)
    expect(isForeign('12 + 30 = ?', knows, 0.5)).toBe(false)
  })
})

describe('a classifier of one\'s own', () => {
  test('decides in place of the rules, of questions only', () => {
    const own: Classifier = () => ({ need: 'reason', chances: { none: 0, generate: 0, reason: 1 }, reason: { code: 'own', text: 'As we say.' } })
    expect(needOf('answer', { text: 'weather' }, own)).toBe('reason')
    expect(needOf('answer', { text: 'weather' })).toBe('none')
    expect(needOf('summarize', { text: 'weather' }, own)).toBe('generate')
  })
})

/** The least of several, as machines pause. */
function fastest(act: () => unknown): number {
  return Math.min(...Array.from({ length: 5 }, () => {
    const start = performance.now()
    act()
    return performance.now() - start
  }))
}

describe('hostile text', () => {
  const pieces = ['1 ', 'at most ', 'please, ', 'how many 1 ', 'what are the ', 'x^2 + ', 'as a pirate, ', 'why ', 'should i ', 'knight ', '(', 'a=', '\u{1f600}', '字', '\u0301', 'é', '. ', '"']

  // Only the two ends are read, so that a hundred times the text takes a little longer at most, for its copy.
  test.each([['weights', trained], ['rules', classifyByRules], ['few rules', classify]] as const)('of 100 kB takes hardly longer than of 1 kB, by %s', (_, classifier) => {
    const time = (size: number) => {
      const texts = pieces.map(piece => piece.repeat(Math.ceil(size / piece.length)))
      return fastest(() => texts.forEach(classifier))
    }
    time(1_000)
    expect(time(100_000) / time(1_000)).toBeLessThan(20)
  })
})
