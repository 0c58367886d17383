import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { arabic } from '../../../src/react/languages/arabic.ts'
import { english } from '../../../src/react/languages/english.ts'
import { messagesOf } from '../../../src/react/messages.ts'
import type { Language, Messages } from '../../../src/react/index.ts'
import { reasons } from '../../../src/server/reasons.ts'
import { german } from '../../fixtures/languages/german.ts'
import { readSources } from '../../setup/source-graph.ts'

const languages: [string, Language][] = [['English', english], ['Arabic', arabic], ['German', german]]

/** Every sentence of a bundle, with figures and names that say of themselves what they are. */
function sentencesOf({ tasks, levels, windows, provenances, reasons, ...rest }: Messages): string[] {
  const tables = [...Object.values(tasks).flat(), ...Object.values(levels), ...Object.values(windows), ...Object.values(provenances), ...Object.values(reasons)]
  const said = Object.entries(rest).flatMap(([name, value]) => {
    if (typeof value !== 'function') return [value as string]
    if (name === 'lamp') return rest.lamp(['7', '7'], '7', '7')
    if (name === 'making') return rest.making(['7', '7'])
    if (['percent', 'number', 'year', 'money', 'energy', 'carbon', 'seconds', 'time', 'span', 'unit', 'sentence'].includes(name)) return []
    return [value as never as (...parts: unknown[]) => string].map(say => say('7', '7', 7))
  })
  return [...tables, ...said]
}

describe.each(languages)('%s', (_, language) => {
  const text = messagesOf(language)

  test('says everything', () => {
    const sentences = sentencesOf(text)
    expect(sentences.length).toBeGreaterThan(120)
    expect(sentences.filter(sentence => sentence === '')).toEqual([text.provenances.unknown])
    expect(sentences.filter(sentence => /undefined|null|NaN|\[object/.test(sentence))).toEqual([])
  })

  test('never says 0 of what is not 0, whatever its unit', () => {
    for (const value of [1e-9, 1e-7, 3e-6, 0.002, 0.0099, 0.06, 1, 999, 1_234, 1e7]) {
      for (const figure of [...text.energy(value), ...text.carbon(value), text.money(value, 'up')]) expect(figure).toMatch(/[1-9١-٩]/)
    }
  })

  test('speaks of a lamp without signs', () => {
    const [shown, spoken] = text.lamp(text.energy(0.2), text.seconds(72), text.number(10))
    expect(shown).toMatch(/10/)
    expect(spoken).toMatch(/10/)
    expect(spoken).not.toMatch(/\b[mk]?Wh?\b/)
  })

  test('speaks a span in words', () => {
    const [, spoken] = text.energy([0.2, 0.5])
    expect(spoken).not.toMatch(/Wh|[–—-]\d/)
  })
})

describe('every reason that a server can give', () => {
  const codes = Object.keys(reasons).sort()

  test('is one of its table', () => {
    const sources = [...readSources(fileURLToPath(new URL('../../../src', import.meta.url)))].filter(([path]) => path.startsWith('server/') || /^routing\/(?:choose|shortlist)\.ts$/.test(path))
    const given = sources.flatMap(([, text]) => [...text.matchAll(/\bcode: '([\w-]+)', text:/g)].map(([, code]) => code))
    expect(given).toEqual([])
    expect(codes).toContain('over-ceiling')
  })

  // The server's own sentences are English.
  test.each(languages.filter(([, { locale }]) => locale !== 'en'))('is said in %s', (_, { words }) => {
    expect(Object.keys(words.reasons).sort()).toEqual(codes)
    expect(new Set(Object.values(words.reasons)).size).toBe(codes.length)
    expect(Object.values(words.reasons).filter(sentence => !/^.{12,}\.$/.test(sentence))).toEqual([])
  })
})

test.each<[Language, RegExp, RegExp]>([[english, /electricity/, /Making/], [arabic, /للكهرباء/, /صنع/], [german, /Stroms/, /Herstellung/]])('what CO2e is of is said, because the making of machines is told apart: %#', (language, electricity, making) => {
  const { carbonName, makingName } = messagesOf(language)
  expect(carbonName).toMatch(electricity)
  expect(makingName).toMatch(making)
})

test('Arabic has no word of another language but signs', () => {
  const foreign = sentencesOf(messagesOf(arabic)).filter(sentence => /[A-Za-z]/.test(sentence.replaceAll(/CO₂/g, '')))
  expect(foreign).toEqual([])
})

describe('a unit is chosen so that the figure reads well', () => {
  const { energy, carbon } = messagesOf(english)

  test.each([
    [0.000_002_6, '2.6 µWh'], [0.000_012, '0.012 mWh'], [0.0023, '2.3 mWh'], [0.0099, '9.9 mWh'], [0.01, '0.01 Wh'], [0.06, '0.06 Wh'], [5, '5 Wh'], [996, '1 kWh'], [990, '990 Wh'], [1_000, '1 kWh'], [25_400, '25 kWh'],
  ])('%f watt-hours are %s', (wh, shown) => {
    expect(energy(wh)[0]).toBe(shown)
  })

  test('a span has one unit, in which both ends read well', () => {
    expect(energy([0.000_002_6, 0.0021])).toEqual(['2.6 to 2,100 µWh', '2.6 to 2,100 microwatt-hours'])
    expect([energy([0.0023, 0.055])[0], energy([0.0023, 0.99])[0], energy([0.0023, 1.2])[0], energy([0.0099, 1])[0]]).toEqual(['2.3 to 55 mWh', '2.3 to 990 mWh', '2.3 to 1,200 mWh', '9.9 to 1,000 mWh'])
    expect(energy([0.04, 0.11])).toEqual(['0.04 to 0.11 Wh', '0.04 to 0.11 watt-hours'])
  })

  test('where there is none, only its greater end is said', () => {
    expect(energy([0.000_001, 1])).toEqual(['up to 1 Wh', 'up to 1 watt-hour'])
    expect(messagesOf(arabic).energy([0.000_001, 1])[0]).toBe('حتى 1 واط ساعة')
    expect(messagesOf(german).energy([0.000_001, 1])[1]).toBe('bis zu 1 Wattstunde')
  })

  test('what is read together has one unit', () => {
    const [actual, alone] = [0.084, 0.000_018]
    expect([actual, alone].map(wh => energy(wh, undefined, [actual, alone]))).toEqual([['84 mWh', '84 milliwatt-hours'], ['0.018 mWh', '0.018 milliwatt-hours']])
    expect([12, alone].map(wh => energy(wh, undefined, [12, alone]))).toEqual([['12 Wh', '12 watt-hours'], ['less than 0.01 Wh', 'less than 0.01 watt-hours']])
    expect(energy(alone, 'up', [12, alone])[0]).toBe('0.01 Wh')
  })

  test('a bound is never shown as less than it is, nor as more for the noise of binary fractions', () => {
    expect([energy(0.012_01, 'up')[0], energy(0.001_201, 'up')[0], carbon(1_201, 'up')[0]]).toEqual(['0.013 Wh', '1.3 mWh', '1.3 kg'])
    expect([energy(0.0041, 'up')[0], messagesOf(english, { currency: { code: 'EUR', perUsd: 1.1 } }).money(0.3, 'up')]).toEqual(['4.1 mWh', '€0.33'])
  })

  test('one of it is spoken in the singular', () => {
    expect([energy(1)[1], energy(0.06)[1], carbon(1)[1], carbon(0.0004)[1]]).toEqual(['1 watt-hour', '0.06 watt-hours', '1 gram', '0.4 milligrams'])
  })

  test('the plural is that of the figure as it is shown', () => {
    expect([energy(0.996)[1], energy(1.04)[1], energy([0.5, 0.996])[1], messagesOf(german).energy(0.996)[1]]).toEqual(['1 watt-hour', '1 watt-hour', '0.5 to 1 watt-hours', '1 Wattstunde'])
    const grams = messagesOf(arabic).carbon
    expect([12.5, 0.003_04, 9.96, 0.5].map(value => grams(value)[0])).toEqual(['13 غرامًا', '3 ملّيغرامات', '10 غرامات', '0.5 غرام'])
  })
})

describe('durations', () => {
  const { seconds, about } = messagesOf(english)
  const inArabic = messagesOf(arabic)

  test.each<[number | [number, number], string]>([
    [0.4, 'less than a second'], [1.2, '1 second'], [75, '75 seconds'], [119.6, '2 minutes'], [149, '2 minutes'], [7_190, '2 hours'],
    [[0.6, 1.4], 'about 1 second'], [[9.6, 10.2], 'about 10 seconds'], [[101, 104], 'about 100 seconds'], [[100, 125], 'about 2 minutes'],
    [[3, 6], '3 to 6 seconds'], [[0.3, 5], 'up to 5 seconds'], [[0.2, 0.7], 'less than a second'], [[90, 300], '2 to 5 minutes'], [[10, 600], '10 seconds to 10 minutes'], [[0.3, 600], 'up to 10 minutes'],
  ])('%j is %s', (value, said) => {
    expect(seconds(value)).toBe(said)
  })

  test('a bound is rounded up', () => {
    expect([seconds(149, 'up'), seconds(7.1, 'up'), seconds(118, 'up')]).toEqual(['3 minutes', '8 seconds', '2 minutes'])
  })

  test('about is said of any figure, also of one that is a word', () => {
    expect([about(seconds(5)), about(seconds(0.2))]).toEqual(['about 5 seconds', 'less than a second'])
    expect([1, 2, 5, 60, 130, 0.2].map(value => inArabic.about(inArabic.seconds(value)))).toEqual(['نحو ثانية', 'نحو ثانيتين', 'نحو 5 ثوان', 'نحو 60 ثانية', 'نحو دقيقتين', 'أقلّ من ثانية'])
  })

  test('a dual stands in the case that its place asks for', () => {
    expect([inArabic.seconds([1, 2]), inArabic.seconds([0.3, 2]), inArabic.seconds([2, 5]), inArabic.seconds([2, 130])]).toEqual(['من ثانية إلى ثانيتين', 'حتى ثانيتين', 'من 2 إلى 5 ثوان', 'من ثانيتين إلى دقيقتين'])
    expect([inArabic.lamp(inArabic.energy(1), inArabic.seconds(130), '10')[1], inArabic.rolling(inArabic.seconds(7_200))]).toEqual(['1 واط ساعة: مصباح 10 واط لمدّة دقيقتين', 'حصّة كلّ ساعتين'])
  })

  test('times are counted too', () => {
    expect([['1.5', 1.5], ['2', 2], ['6', 6], ['12', 12]].map(([ratio, count]) => inArabic.timesResults(ratio as string, count as number).split(' قدر')[0])).toEqual(['نحو 1.5 مرّة', 'نحو مرّتين', 'نحو 6 مرّات', 'نحو 12 مرّة'])
  })
})

describe('figures are formed by the locale', () => {
  test('all of them, also those of words', () => {
    const text = messagesOf(arabic, { locale: 'ar-EG' })
    const said = [
      ...text.lamp(text.energy(0.2), text.seconds(72), text.number(10)), text.stars(text.number(4), text.number(5), true), text.zone('WOR', text.year(2025)),
      text.money(0.012, 'up'), text.percent(2), text.time(Date.now() + 1e7), text.rolling(text.seconds(7_300)),
    ]
    expect(said.filter(each => /[0-9]/.test(each))).toEqual([])
    expect(text.zone('WOR', text.year(2025))).toBe('متوسّط العالم ٢٠٢٥')
    expect(messagesOf(english).year(2025)).toBe('2025')
  })

  test.each([0, -1, NaN, Infinity, undefined as never])('a rate of %d is none, and nobody is shown a price by it', perUsd => {
    expect(() => messagesOf(english, { currency: { code: 'EUR', perUsd } })).toThrow(/perUsd is .*how many EUR are a dollar/)
  })

  test('money is in the currency of who pays, at the rate the host gives', () => {
    const { money } = messagesOf(english, { currency: { code: 'EUR', perUsd: 0.5 } })
    expect([money(0.01234, 'up'), money(4)]).toEqual(['€0.0062', '€2'])
    expect(messagesOf(german, { currency: { code: 'EUR', perUsd: 0.5 } }).money(4)).toBe('2\u00a0€')
  })

  test('digits and words follow it', () => {
    expect(messagesOf(arabic, { locale: 'ar-EG' }).energy(0.06)[0]).toBe('٠٫٠٦ واط ساعة')
    expect(messagesOf(arabic).energy([0.2, 0.5])[0]).toBe('من 0.2 إلى 0.5 واط ساعة')
    expect([messagesOf(arabic).carbon(3)[0], messagesOf(arabic).carbon(11)[0], messagesOf(arabic).carbon(0.5)[0]]).toEqual(['3 غرامات', '11 غرامًا', '0.5 غرام'])
    expect(messagesOf(german).energy([0.04, 0.11])).toEqual(['0,04 bis 0,11 Wh', '0,04 bis 0,11 Wattstunden'])
  })
})
