import { renderToString } from 'react-dom/server'
import { expect, test } from 'vitest'
import { createAI, defineFeatures } from '../../../src/index.ts'
import type { Receipt as ReceiptData } from '../../../src/index.ts'
import { AIProvider, arabic, Receipt } from '../../../src/react/index.ts'
import type { AIProviderProps } from '../../../src/react/index.ts'
import { golden } from '../protocol/fixtures.ts'

const ai = createAI({ modelSelector: { fetch: async () => new Response() }, features: defineFeatures({ think: { task: 'draft', baseline: 'form', tier: 'max' } }) })

/** What stands on a receipt, by the name of its row: as it is read, and as it is spoken. */
function rowsOf(change: Partial<ReceiptData> = {}, provider: Omit<AIProviderProps, 'ai' | 'children'> = {}): Record<string, { shown: string; spoken: string }> {
  const html = renderToString(<AIProvider ai={ai} {...provider}><Receipt receipt={{ ...golden('receipt') as ReceiptData, ...change }} /></AIProvider>)
  const text = (markup: string) => markup.replaceAll('</dd><dd', '</dd>; <dd').replaceAll(/<[^>]*>/g, '').replaceAll('&#x27;', '\'')
  const rows = [...html.replaceAll('<!-- -->', '').matchAll(/<dt>(.*?)<\/dt>(.*?)<\/div>/g)]
  return Object.fromEntries(rows.map(([, name, value]) => [name!, {
    shown: text(value!.replaceAll(/<span class="sparing-spoken">.*?<\/span>/g, '')),
    spoken: text(value!.replaceAll(/<span aria-hidden="true">.*?<\/span>/g, '')),
  }]))
}

const embodied = { gco2e: { low: 0.004, mid: 0.012, high: 0.031 } }
const cost = { usd: 0.0002, wh: 0.034, gco2e: 0.0084 }

test('making the hardware has a row of its own, in the unit of the electricity\'s CO2e, and says how it is known', () => {
  const rows = rowsOf({ embodied, cost })
  expect(rows['Making the hardware']).toEqual({ shown: '4 to 31 mg CO₂e, modelled', spoken: '4 to 31 milligrams of CO₂e, modelled' })
  expect(rows['CO₂e of its electricity']!.shown).toMatch(/^8.4 mg/)
  expect(rowsOf({ embodied, cost }, { language: arabic })['صنع الأجهزة']!.shown).toBe('من 4 إلى 31 ملّيغرامًا من مكافئ CO₂، تقدير حسابيّ')
})

test('it has none where a receipt does not tell it, and where the host hides CO2e', () => {
  const { embodied: _, ...without } = golden('receipt') as ReceiptData
  expect(Object.keys(rowsOf({ ...without, embodied: undefined } as never)).filter(name => /CO₂e|hardware/.test(name))).toEqual(['CO₂e of its electricity'])
  expect(Object.keys(rowsOf({ embodied }, { hideFigures: ['carbon'] })).filter(name => /CO₂e|hardware/.test(name))).toEqual([])
})

test('beside what a run took stands what had been said of it, in the same unit, as it is read and as it is spoken', () => {
  const estimate = { ...(golden('receipt') as ReceiptData).estimate, cost: { usd: { low: 0.0001, mid: 0.0002, high: 0.0004 }, wh: { low: 0.02, mid: 0.05, high: 0.11 }, gco2e: { low: 0.01, mid: 0.024, high: 0.052 } }, ceiling: { usd: 0.001, wh: 0.2, outputTokens: 300 } }
  const rows = rowsOf({ cost: { usd: 0.0002, wh: 0.034, gco2e: 0.016 }, estimate, provenance: { usd: 'class', wh: 'modelled' } }, { pays: true })
  expect(rows['Used']!.shown).toBe('$0.0002; We said: $0.0001 to $0.0004, at most $0.001')
  expect(rows['Energy']).toEqual({ shown: '0.034 Wh, modelled; We said: 0.02 to 0.11 Wh, at most 0.2 Wh', spoken: '0.034 watt-hours, modelled; We said: 0.02 to 0.11 watt-hours, at most 0.2 watt-hours' })
  expect(rows['CO₂e of its electricity']!.shown).toContain('16 mg; We said: 10 to 52 mg')
})

test('what quotes alone would have taken is said in a unit that tells it', () => {
  const { estimate } = golden('receipt') as ReceiptData
  const alone = (wh: number) => rowsOf({ cost: { usd: 0.0002, wh: 0.084, gco2e: 0.04 }, estimate: { ...estimate, cost: { ...estimate.cost, wh: { low: 0.03, mid: 0.08, high: 1.2 } }, ceiling: { ...estimate.ceiling, wh: 1.5 }, baseline: { ...estimate.baseline, wh: { low: wh, mid: wh, high: wh } } } })['The quotes alone']!.shown
  expect([alone(0.000_018), alone(0.02)]).toEqual(['18 µWh', '0.02 Wh'])
})
