import { describe, expect, test } from 'vitest'
import { arabic } from '../../../src/react/languages/arabic.ts'
import { english } from '../../../src/react/languages/english.ts'
import { messagesOf } from '../../../src/react/messages.ts'
import type { Language, Messages } from '../../../src/react/index.ts'
import { german } from '../../fixtures/languages/german.ts'

const languages: [string, Language][] = [['English', english], ['Arabic', arabic], ['German', german]]

/** Every sentence of a bundle, with figures and names that say of themselves what they are. */
function sentencesOf({ tasks, levels, windows, provenances, reasons, ...rest }: Messages): string[] {
  const tables = [...Object.values(tasks).flat(), ...Object.values(levels), ...Object.values(windows), ...Object.values(provenances), ...Object.values(reasons)]
  const said = Object.entries(rest).flatMap(([name, value]) => {
    if (typeof value !== 'function') return [value as string]
    if (['percent', 'number', 'money', 'energy', 'carbon', 'seconds', 'time', 'span', 'unit', 'sentence'].includes(name)) return []
    return [value as never as (...parts: unknown[]) => string].map(say => say('7', '7', true))
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

  test('speaks a span in words', () => {
    const [, spoken] = text.energy([0.2, 0.5])
    expect(spoken).not.toMatch(/Wh|[–—-]\d/)
  })
})

test('Arabic has no word of another language but signs', () => {
  const foreign = sentencesOf(messagesOf(arabic)).filter(sentence => /[A-Za-z]/.test(sentence.replaceAll(/CO₂/g, '')))
  expect(foreign).toEqual([])
})

describe('a unit is chosen so that the figure reads well', () => {
  const { energy, carbon } = messagesOf(english)

  test.each([
    [0.000_002_6, '2.6 µWh'], [0.000_012, '0.012 mWh'], [0.0023, '2.3 mWh'], [0.0099, '9.9 mWh'], [0.01, '0.01 Wh'], [0.06, '0.06 Wh'], [5, '5 Wh'], [999, '1,000 Wh'], [1_000, '1 kWh'], [25_400, '25 kWh'],
  ])('%f watt-hours are %s', (wh, shown) => {
    expect(energy(wh)[0]).toBe(shown)
  })

  test('a span has one unit, that of its greater end', () => {
    expect(energy([0.000_002_6, 0.0021])).toEqual(['0.0026 to 2.1 mWh', '0.0026 to 2.1 milliwatt-hours'])
    expect([energy([0.0023, 0.055])[0], energy([0.0023, 0.99])[0], energy([0.0023, 1.2])[0]]).toEqual(['2.3 to 55 mWh', '2.3 to 990 mWh', '0.0023 to 1.2 Wh'])
    expect(energy([0.04, 0.11])).toEqual(['0.04 to 0.11 Wh', '0.04 to 0.11 watt-hours'])
  })

  test('a bound is never shown as less than it is', () => {
    expect([energy(0.012_01, 'up')[0], energy(0.001_201, 'up')[0], carbon(1_201, 'up')[0]]).toEqual(['0.013 Wh', '1.3 mWh', '1.3 kg'])
  })

  test('one of it is spoken in the singular', () => {
    expect([energy(1)[1], energy(0.06)[1], carbon(1)[1], carbon(0.0004)[1]]).toEqual(['1 watt-hour', '0.06 watt-hours', '1 gram', '0.4 milligrams'])
  })
})

describe('figures are formed by the locale', () => {
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
