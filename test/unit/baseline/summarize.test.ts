import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { summarize } from '../../../src/baseline/index.ts'
import type { Summary } from '../../../src/baseline/index.ts'
import { anyText, prose } from './arbitraries.ts'
import { manual, news, paper, scripts } from './texts.ts'

const kinds = ['news', 'paper', 'document'] as const
const limits = fc.record({
  maxWords: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
  maxSentences: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
  kind: fc.constantFrom(undefined, ...kinds),
})

/** Counted apart from the code under test. */
const segmenter = new Intl.Segmenter('en', { granularity: 'word' })
const spaced = (text: string) => text.split(/\s+/).filter(Boolean).length
const segmented = (text: string) => [...segmenter.segment(text)].filter(each => each.isWordLike).length

function expectQuotations(source: string, { text, sentences }: Summary) {
  expect(sentences.map(({ start, end }) => source.slice(start, end))).toEqual(sentences.map(sentence => sentence.text))
  const offsets = sentences.flatMap(({ start, end }) => [start, end])
  expect(offsets).toEqual([...offsets].sort((a, b) => a - b))
  expect(sentences.every(({ start, end }) => start < end)).toBe(true)
  expect(text).toBe(sentences.map(sentence => sentence.text).join(' '))
}

describe('any text', () => {
  it.each([['anything', anyText], ['prose', prose]])('is quoted exactly, in order and within the limits: %s', (_, texts) => {
    fc.assert(fc.property(texts, limits, (source, options) => {
      const summary = summarize(source, options)
      expectQuotations(source, summary)
      const { maxWords = options.maxSentences ? Infinity : 75, maxSentences = Infinity } = options
      expect(spaced(summary.text)).toBeLessThanOrEqual(maxWords)
      expect(segmented(summary.text)).toBeLessThanOrEqual(maxWords)
      expect(summary.sentences.length).toBeLessThanOrEqual(maxSentences)
      expect(kinds).toContain(summary.kind)
    }), { numRuns: 400 })
  })

  it('has the same summary each time', () => {
    fc.assert(fc.property(anyText, limits, (source, options) => {
      expect(summarize(source, options)).toEqual(summarize(source, options))
    }))
  })

  it('of one sentence is its own summary', () => {
    fc.assert(fc.property(prose, source => {
      const { text } = summarize(source, { maxSentences: 1 })
      expect(summarize(text, { maxSentences: 1 }).text).toBe(text)
    }))
  })

  it('never ends in half a character', () => {
    const { sentences } = summarize('👩🏽‍🚀'.repeat(900), { maxSentences: 3 })
    expect(sentences.map(({ text }) => text.isWellFormed())).toEqual(sentences.map(() => true))
  })
})

describe('a limit in words', () => {
  it('passes over a sentence that does not fit for one that does', () => {
    const { text } = summarize('The council voted on Monday to close the old bridge to all traffic for two years while it is repaired. The bridge is unsafe now.', { maxWords: 6 })
    expect(text).toBe('The bridge is unsafe now.')
  })

  it('cuts the best sentence where no sentence fits, at a clause if that keeps most of it, and says so', () => {
    const source = 'The council voted to close the bridge, because engineers had found cracks in all of its supports.'
    expect(summarize(source, { maxWords: 9 }).sentences).toEqual([{ text: 'The council voted to close the bridge', start: 0, end: 37, cut: true }])
    expect(summarize(source, { maxWords: 3 }).sentences).toEqual([{ text: 'The council voted', start: 0, end: 17, cut: true }])
  })

  it('counts both by white space and by word boundaries', () => {
    expect(segmented(summarize(scripts.zh, { maxWords: 20 }).text)).toBeLessThanOrEqual(20)
    expect(spaced(summarize('A – b – c – d – e. Then – it – ends – so.', { maxWords: 7 }).text)).toBeLessThanOrEqual(7)
  })

  it('is 75 where nothing is said', () => {
    expect(spaced(summarize(`${news}\n\n${news.replaceAll('market', 'theatre').replaceAll('fire', 'flood')}`).text)).toBeLessThanOrEqual(75)
  })
})

describe('news', () => {
  it('is recognised and opens with its first sentence, not with byline or date', () => {
    const { kind, text } = summarize(news, { maxWords: 40 })
    expect(kind).toBe('news')
    expect(text).toMatch(/^A fire destroyed the covered market/)
    expect(text).not.toMatch(/Anna Bell|Published/)
  })

  it('does not say the same twice', () => {
    const told = 'The harbour market burnt down on Tuesday night, officials said.'
    const { text } = summarize(`${told} ${told} Police said they had opened an inquiry.`, { maxSentences: 2 })
    expect(text).toBe(`${told} Police said they had opened an inquiry.`)
  })

  it('is cut into sentences also where it has no capitals', () => {
    const { sentences } = summarize('the storm hit the coast on monday. officials said mr. smith was safe. the u.s. coast guard came.', { maxSentences: 5 })
    expect(sentences.map(sentence => sentence.text)).toEqual(['the storm hit the coast on monday.', 'officials said mr. smith was safe.', 'the u.s. coast guard came.'])
  })
})

describe('a paper', () => {
  it('is recognised, and is told by what it contributes', () => {
    const { kind, text } = summarize(paper, { maxSentences: 1 })
    expect({ kind, text }).toEqual({ kind: 'paper', text: 'In this paper, we propose a streaming algorithm that partitions a graph while it is read once.' })
  })
})

describe('a document', () => {
  it('is recognised; front matter, code, tables and badges are no sentences', () => {
    const { kind, text } = summarize(manual, { maxWords: 200 })
    expect(kind).toBe('document')
    expect(text).toMatch(/^A cache is a store/)
    expect(text).not.toMatch(/title:|createCache|\| ttl|badge/)
  })

  it('is not summed up by labels, questions and markup where there is more', () => {
    const source = '# Kiln\n\nKiln is a small library that bakes templates ahead of time.\n\n- Options:\n- Why Kiln?\n- Sponsored by<br> friends of the project here\n\nTemplates are plain functions that return a string.'
    expect(summarize(source, { maxWords: 20 }).text).toBe('Kiln is a small library that bakes templates ahead of time. Templates are plain functions that return a string.')
  })

  it('prefers what opens a document to options, invitations and thanks', () => {
    const opening = '# Lathe\n\nLathe turns tables of figures into charts without a server. It reads a file once and keeps nothing of it in memory.\n'
    const api = '\n## API\n\n### lathe(file, options)\n\nReturns the chart of the tables of figures in a file.\n\n- `tables` - Sets the tables of figures that the charts of the file are made of.\n'
    const end = '\n## Contributors\n\nThanks to all contributors who made charts of tables of figures for Lathe!\n\n## Sponsors\n\nLathe turns tables into charts thanks to the figures of its sponsors.\n'
    expect(summarize(opening + api + end, { maxWords: 24, kind: 'document' }).text).toBe('Lathe turns tables of figures into charts without a server. It reads a file once and keeps nothing of it in memory.')
    const { text } = summarize(opening + api + end, { maxWords: 100, kind: 'document' })
    expect(text).not.toMatch(/contributors|sponsors/)
  })

  it('passes over the languages it comes in, how it is installed, its licence, and items that are no sentences', () => {
    const source = '# Lathe\n\n**English** | [Русский](./README.ru.md) | [简体中文](./README.zh-CN.md)\n\nLathe turns tables of figures into charts without a server. Install Lathe with `npm install lathe` or `yarn add lathe`.\n\n- Charts of all the tables at once\n- Tables with figures of any size\n\nIt reads a file once and keeps nothing of it in memory. A chart may be made of several tables of figures. Lathe, its tables and its charts are released under the MIT license.\n'
    expect(summarize(source, { maxWords: 100, kind: 'document' }).sentences.map(({ text }) => text)).toEqual([
      'Lathe turns tables of figures into charts without a server.', 'It reads a file once and keeps nothing of it in memory.', 'A chart may be made of several tables of figures.',
    ])
  })

  it('makes do with items where there is little else', () => {
    const source = '# Lathe\n\nTables of figures into charts without a server\n\n- Charts of all the tables at once\n- Tables with figures of any size\n'
    expect(summarize(source, { maxSentences: 2, kind: 'document' }).sentences).toHaveLength(2)
  })

  it('quotes no half of a piece of code or a link', () => {
    const source = '# Compare\n\nCompare tells whether two versions are the same or not.\n\n- `neq(v1, v2)`: `v1 !== v2` is what it does. The opposite of `eq`, which is for two equal versions.\n- See [What is it? And why](https://example.org/a) for what two versions are.\n'
    for (const { text } of summarize(source, { maxSentences: 5 }).sentences) {
      expect([...text.matchAll(/`/g)].length % 2).toBe(0)
      expect([...text.matchAll(/\[/g)].length).toBe([...text.matchAll(/\]/g)].length)
    }
  })

  it('may be of headings only', () => {
    expect(summarize('# One thing\n\n# Another thing entirely\n', { maxSentences: 1 }).sentences).toHaveLength(1)
  })
})

describe.each(Object.entries(scripts))('%s', (_, source) => {
  it('is summarised by whole sentences', () => {
    const summary = summarize(source, { maxSentences: 2 })
    expectQuotations(source, summary)
    expect(summary.sentences).toHaveLength(2)
    expect(summary.sentences.map(({ text }) => /[。.।؟”」]$/.test(text))).toEqual([true, true])
    expect(summary.text.length).toBeLessThan(source.length * 0.8)
  })
})

describe('long text', () => {
  const long = Array.from({ length: 9000 }, (_, i) => `Section ${i} tells of item ${i * 7} and of what the reader finds there, as planned in year ${i % 90}.`).join(' ')
  const walls = ['a', ' ', '\n', '# ', '# a\n', '> ', '|', 'a|\n', '```\n', '<!--\n', '[', '](', '.', '机器。', '\ud800', '_', '- a\n']

  it('of a megabyte is summarised', () => {
    const source = long.padEnd(1_000_000, long)
    expectQuotations(source, summarize(source, { maxWords: 100 }))
  })

  it.each(walls)('of nothing but %j is survived', wall => {
    const source = wall.repeat(Math.ceil(200_000 / wall.length))
    expectQuotations(source, summarize(source, { maxWords: 20 }))
  })

  it.each([['# a', 'b'], ['a|\n--|', 'x'], ['---', 'x'], ['[a]:', '\u2028y']])('with a megabyte of spaces between %j and %j is survived', (before, after) => {
    const source = before + ' '.repeat(1_000_000) + after
    expectQuotations(source, summarize(source))
  })
})

describe('what is not accepted', () => {
  it.each([undefined, null, 5, {}, ['a']])('no text: %j', text => {
    expect(() => summarize(text as never)).toThrow(TypeError)
    expect(() => summarize(text as never)).toThrow(/Pass a string/)
  })

  it.each([0, -1, 1.5, NaN, Infinity, '5', null])('a limit of %j', limit => {
    expect(() => summarize('A text.', { maxWords: limit as number })).toThrow(RangeError)
    expect(() => summarize('A text.', { maxSentences: limit as number })).toThrow(/maxSentences is .* Pass a whole number of at least 1/)
  })

  it.each(['poem', '__proto__', 'constructor', null, 1n])('a kind of %s', kind => {
    expect(() => summarize('A text.', { kind: kind as never })).toThrow(RangeError)
  })
})

it('summarises nothing by nothing', () => {
  expect(summarize('')).toEqual({ text: '', sentences: [], kind: 'document' })
  expect(summarize(' \n\t ').sentences).toEqual([])
})
