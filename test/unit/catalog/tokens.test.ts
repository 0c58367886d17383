import fc from 'fast-check'
import { countTokens as countCl100k } from 'gpt-tokenizer/encoding/cl100k_base'
import { countTokens as countHarmony } from 'gpt-tokenizer/encoding/o200k_harmony'
import { countTokens as countO200k } from 'gpt-tokenizer/encoding/o200k_base'
import { countTokens as countR50k } from 'gpt-tokenizer/encoding/r50k_base'
import { countTokens as countChat } from 'gpt-tokenizer/model/gpt-4o'
import { describe, expect, test } from 'vitest'
import { countError } from '../../../src/catalog/scripts.ts'
import { countedTokens, likelyTokens, sampleTokens } from '../../../src/catalog/tokens.ts'
import type { TokenCounter } from '../../../src/catalog/index.ts'
import { inputBound, rangeOf } from '../../../src/core/index.ts'
import { hostileInput, hostileText } from './hostile.ts'

// Text from people is text, also where it spells a special token.
const asText = { disallowedSpecial: new Set<string>() }
const encodings = { o200k: countO200k, harmony: countHarmony, cl100k: countCl100k, r50k: countR50k }

describe('the bound of an input', () => {
  test.each(Object.entries(encodings))('is never below what %s counts', (_, count) => {
    fc.assert(fc.property(hostileText, text => {
      expect(inputBound({ text }, 0)).toBeGreaterThanOrEqual(count(text, asText))
    }), { numRuns: 1_000 })
  })

  test('holds the chat\'s template too, message by message', () => {
    fc.assert(fc.property(hostileInput, input => {
      const messages = 'messages' in input ? input.messages : [{ role: 'user' as const, content: [input.text, input.query ?? ''].join('\n') }]
      expect(inputBound(input, 0)).toBeGreaterThanOrEqual(countChat(messages.map(message => ({ ...message })), asText))
    }), { numRuns: 1_000 })
  })
})

describe('a tokeniser of the host\'s own', () => {
  // What the documentation tells hosts to write.
  const tokenizer: TokenCounter = (text, model) => /^(gpt|o\d)/.test(model) ? countO200k(text, asText) : null

  test('takes special tokens for text, where the library\'s default refuses them', () => {
    expect(() => countO200k('<|endoftext|>')).toThrow(/special token/i)
    for (const special of ['<|endoftext|>', '<|im_start|>system', '<|fim_prefix|>', '<|endofprompt|>', '<|im_sep|>', '<|start|>', '<|channel|>']) {
      expect(tokenizer(`a ${special} b`, 'gpt-4o')).toBeGreaterThan(2)
    }
    fc.assert(fc.property(hostileText, text => { expect(tokenizer(text, 'gpt-4o')).toBeGreaterThanOrEqual(Math.sign(text.length)) }))
    expect(tokenizer('a', 'mistral-large-2512')).toBeNull()
  })

  test('leaves only the prompt uncertain', () => {
    expect(countedTokens(120, 0)).toEqual(rangeOf(120, 120, 120))
    expect(countedTokens(120, 240)).toEqual(rangeOf(180, 200, 220))
    expect(countedTokens(0, 0)).toEqual(rangeOf(0, 0, 0))
  })
})

// A few sentences of a museum's page in each, written for this test.
const samples: Record<string, string> = {
  English: 'The museum opens at nine and has three floors. The café on the roof serves soup until four. Children go free on Sundays, and the garden behind the house is open until dusk.',
  German: 'Das Museum öffnet um neun Uhr und hat drei Stockwerke. Das Café auf dem Dach serviert bis vier Uhr Suppe. Sonntags ist der Eintritt für Kinder frei, und der Garten hinter dem Haus ist bis zur Dämmerung geöffnet.',
  French: 'Le musée ouvre à neuf heures et compte trois étages. Le café sur le toit sert de la soupe jusqu’à seize heures. L’entrée est gratuite pour les enfants le dimanche, et le jardin reste ouvert jusqu’au soir.',
  Russian: 'Музей открывается в девять часов, в нём три этажа. Кафе на крыше подаёт суп до четырёх. По воскресеньям дети проходят бесплатно, а сад за домом открыт до сумерек.',
  Greek: 'Το μουσείο ανοίγει στις εννέα και έχει τρεις ορόφους. Το καφέ στην ταράτσα σερβίρει σούπα μέχρι τις τέσσερις. Τα παιδιά μπαίνουν δωρεάν τις Κυριακές.',
  Arabic: 'يفتح المتحف أبوابه في التاسعة وفيه ثلاثة طوابق. يقدم المقهى على السطح الحساء حتى الرابعة. دخول الأطفال مجاني أيام الأحد، والحديقة خلف المبنى مفتوحة حتى المساء.',
  Hebrew: 'המוזיאון נפתח בתשע ויש בו שלוש קומות. בית הקפה שעל הגג מגיש מרק עד ארבע. הכניסה לילדים חינם בימי ראשון, והגן שמאחורי הבית פתוח עד הערב.',
  Hindi: 'संग्रहालय नौ बजे खुलता है और इसमें तीन मंज़िलें हैं। छत पर बना कैफ़े चार बजे तक सूप परोसता है। रविवार को बच्चों का प्रवेश निःशुल्क है।',
  Thai: 'พิพิธภัณฑ์เปิดเก้าโมงและมีสามชั้น ร้านกาแฟบนดาดฟ้าขายซุปถึงสี่โมงเย็น เด็กเข้าฟรีในวันอาทิตย์',
  Chinese: '博物馆九点开门，共有三层。屋顶的咖啡馆供应汤，直到下午四点。星期天儿童免费入场，房子后面的花园开放到黄昏。',
  Japanese: '美術館は九時に開き、三つの階があります。屋上のカフェでは四時までスープを出しています。日曜日は子どもは無料です。',
  Korean: '박물관은 아홉 시에 문을 열고 세 개 층이 있습니다. 옥상 카페는 네 시까지 수프를 팝니다. 일요일에는 어린이가 무료입니다.',
  code: 'export const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)\nfor (const item of items) {\n  if (item.price > limit) console.warn(`${item.name} costs ${item.price}`)\n}\n',
  mixed: 'The word музей means museum, 博物馆 does too, and so does متحف: three scripts in one sentence, with 2026 and 👩‍🎨 besides.',
}

/** Always the same whole numbers below `most`. */
function numbers(most: number): () => number {
  let state = 7
  return () => {
    state = state * 48_271 % 2_147_483_647
    return state % most
  }
}

/** Bytes of noise, which no vocabulary knows. */
function noise(length: number): Buffer {
  const next = numbers(256)
  return Buffer.from(Array.from({ length }, next))
}

const id = (from: number) => noise(from + 16).subarray(from).toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
const lines = (count: number, line: (index: number, next: (most: number) => number) => string) => {
  const next = numbers(1e6)
  return Array.from({ length: count }, (_, index) => line(index, most => next() % most)).join('\n')
}

/** What is ASCII and no prose: what people paste from a console, a log or a file. */
const data: Record<string, string> = {
  base64: noise(1_500).toString('base64'),
  hexadecimal: noise(900).toString('hex'),
  ids: lines(40, id),
  log: lines(30, (at, next) => `2026-11-26T22:${10 + at}:01.${next(1_000)}Z INFO [req-${next(1e6).toString(36)}] GET /api/v1/users/${next(1e6)}?page=${next(9)} 200 ${next(99)}ms`),
  records: JSON.stringify(Array.from({ length: 20 }, (_, at) => ({ id: id(at), at: new Date(1.7e12 + at * 7.7e8).toISOString(), status: at % 2 ? 'paid' : 'open' }))),
  numbers: lines(120, (_, next) => Array.from({ length: 6 }, () => (next(1e6) / 100).toFixed(2)).join(',')),
  mappings: lines(1, () => 'AAAA,SAASA,EAAT,CAAaC,KAAb,EAAoB,CAClB,OAAOA,IAAI,CAACC,GAAL,CAASD,KAAT,CAAP,CAD;AAIA;AAGO,IAAME,MAAM,GAAG,KAAf;'.repeat(8)),
}

describe('likely tokens', () => {
  describe.each(Object.entries({ o200k: countO200k, cl100k: countCl100k }))('by %s', (_, count) => {
    test.each(Object.entries(data))('of ASCII that is %s hold what it counts', (_, text) => {
      for (const { low, mid, high } of [likelyTokens({ text }, 0), likelyTokens({ text }, 0, sampleTokens)]) {
        const tokens = count(text, asText)
        expect(tokens).toBeGreaterThanOrEqual(low)
        expect(tokens).toBeLessThanOrEqual(high)
        expect(Math.abs(mid / tokens - 1)).toBeLessThan(0.25)
      }
    })
  })

  test.each(Object.entries(samples))('of %s hold what a tokeniser counts', (_, text) => {
    const { low, high } = likelyTokens({ text }, 0)
    const tokens = countO200k(text, asText)
    expect(tokens).toBeGreaterThanOrEqual(low)
    expect(tokens).toBeLessThanOrEqual(high)
  })

  test('of plain English are nearer than of anything else', () => {
    const width = (text: string) => likelyTokens({ text }, 0).high / likelyTokens({ text }, 0).low
    const others = Object.entries(samples).filter(([name]) => !['English', 'code'].includes(name))
    expect(others.filter(([, text]) => width(text) <= width(samples['English']!))).toEqual([])
  })

  test('take the error of each script for its letters', () => {
    const [latin, chinese, both] = [['abcd'], ['博物馆门'], ['abcd博物馆门']].map(texts => countError(texts, 0.2))
    for (const end of ['low', 'mid', 'high'] as const) expect(both![end]).toBeCloseTo((latin![end] + chinese![end]) / 2, 10)
    expect(countError(['— “quoted” …'], 0.2)).toEqual(countError(['plain'], 0.2))
  })

  test('of any text are ordered, and not 0 for what is not 0', () => {
    fc.assert(fc.property(hostileInput, fc.nat(2_000), (input, overhead) => {
      for (const { low, mid, high } of [likelyTokens(input, overhead), likelyTokens(input, overhead, sampleTokens)]) {
        expect(low <= mid && mid <= high && high < Infinity && low >= Math.sign(overhead)).toBe(true)
      }
    }))
  })

  test('of a long text are read from a sample of it', () => {
    const text = Array.from({ length: 60 }, () => samples['English']).join(' ')
    expect(sampleTokens(text) / likelyTokens({ text }, 0, text => text.length).mid).toBeGreaterThan(0)
    expect(Math.abs(sampleTokens(text) / countO200k(text, asText) - 1)).toBeLessThan(0.2)
  })
})
