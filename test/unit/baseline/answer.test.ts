import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answer, createIndex, extractAnswer } from '../../../src/baseline/index.ts'
import type { Passage } from '../../../src/baseline/index.ts'
import { anyText } from './arbitraries.ts'
import { documents, scripts } from './texts.ts'

const names = ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'prototype', 'valueOf'] as const
const corpus = fc.uniqueArray(fc.oneof(fc.constantFrom<string>(...names), fc.string()), { maxLength: 4 })
  .chain(ids => fc.tuple(...ids.map(id => fc.record({ id: fc.constant(id), title: fc.option(anyText, { nil: undefined }), text: anyText }))))

type Texts = ReadonlyArray<{ id: string; text: string }>

function expectQuotations(texts: Texts, passages: readonly Passage[]) {
  for (const { documentId, start, end, text, matches, quote, quotes } of passages) {
    const source = texts.find(document => document.id === documentId)!.text
    expect(source.slice(start, end)).toBe(text)
    expect(quotes).toContainEqual(quote)
    for (const each of quotes) {
      expect(source.slice(each.start, each.end)).toBe(each.text)
      expect(each.start >= start && each.end <= end).toBe(true)
      expect(each.matches.every(match => match.start < match.end && match.end <= each.text.length)).toBe(true)
    }
    expect(matches.every((match, i) => match.start >= (matches[i - 1]?.end ?? 0) && match.end <= text.length)).toBe(true)
  }
}

const matched = ({ quote }: Passage) => quote.matches.map(({ start, end }) => quote.text.slice(start, end))

describe('answer', () => {
  it('quotes the sentence that answers, with exact offsets, and says where it stands', () => {
    const [best] = answer('when does the effect hook run?', documents)
    expect(best).toMatchObject({ documentId: 'effects', title: 'Effects', headings: ['Effects'] })
    expect(best!.quote.text).toBe('The `useEffect` hook runs a side effect after the page was painted.')
    expectQuotations(documents, [best!])
    expect(matched(best!)).toEqual(['Effect', 'hook', 'runs', 'effect'])
  })

  it('ranks from best to worst, no more than the limit', () => {
    const passages = answer('page painted transaction', documents, { limit: 2 })
    expect(passages).toHaveLength(2)
    expect(passages[0]!.score).toBeGreaterThanOrEqual(passages[1]!.score)
  })

  it('puts words before code', () => {
    const texts = [{ id: 'code', text: '```js\nretry(request)\n```' }, { id: 'words', text: 'A failed request is sent again by the retry option.' }]
    expect(answer('retry request', texts).map(passage => passage.documentId)).toEqual(['words', 'code'])
  })

  it.each([['cancel', 'cancellation'], ['configure', 'configuration'], ['inject', 'injection'], ['depend', 'dependency'], ['require', 'requirement'], ['debug', 'debugger']])('takes %s and %s for one word', (asked, written) => {
    const texts = [{ id: 'other', text: 'Nothing of the sort is written here.' }, { id: 'written', text: `There is a ${written} in it.` }]
    expect(matched(answer(asked, texts)[0]!)).toEqual([written])
  })

  it('prefers the section whose heading was asked for, and the document that was named', () => {
    const section = '## retry\n\nDefault: `2`\n\nNetwork errors are sent again.\n\n## hooks\n\nA hook may retry, and retry, and retry.\n'
    const texts = ['alpha', 'beta'].map(id => ({ id, title: id, text: `# ${id}\n\nIt sends things.\n\n${section}` }))
    const [best] = answer('what is the default for retry in beta?', texts)
    expect(best).toMatchObject({ documentId: 'beta', headings: ['beta', 'retry'], opens: true })
    expect(best!.quote.text).toBe('Default: `2`')
  })

  it('takes an index as well as documents', () => {
    expect(answer('free parking', createIndex(documents))).toEqual(answer('free parking', documents))
  })

  it.each([
    ['when is a failed request retried?', 'A failure is retriable where nothing was written.'], ['how are children removed', 'Removal of a child takes its indices too.'],
    ['who writes the index', 'The index was rewritten; before, nobody had written it.'],
  ])('finds what says it by other forms of the words: %s', (query, text) => {
    const others = ['A feature is a culture of closures.', 'Local and global names are kept apart.']
    const [best] = answer(query, [text, ...others].map((text, i) => ({ id: String(i), text })))
    expect(best).toMatchObject({ documentId: '0', matches: { length: expect.toSatisfy((found: number) => found >= 2) } })
  })

  it.each([
    ['useEffect', 'effects'], ['effect', 'effects'], ['layout', 'effects'], ['sqlite', 'sqlite'], ['node:sqlite', 'sqlite'],
    ['USELAYOUTEFFECT', 'effects'], ['retreival', 'sqlite'], ['transactoin', 'sqlite'], ['park', 'parking'], ['transact', 'sqlite'],
  ])('finds %s: identifiers whole and in parts, misspelt words, beginnings', (query, id) => {
    const [best] = answer(query, documents)
    expect(best?.documentId).toBe(id)
    expect(matched(best!).length).toBeGreaterThan(0)
  })

  it('looks for similar words only where the word itself is nowhere', () => {
    const texts = [{ id: 'a', text: 'The form is long.' }, { id: 'b', text: 'The farm is old.' }]
    expect(answer('farm', texts).map(passage => passage.documentId)).toEqual(['b'])
  })

  it.each(['', '   ', '?!', '\ud800', '<>', '*', '()'])('finds nothing for %j', query => {
    expect(answer(query, documents)).toEqual([])
    expect(extractAnswer(query, documents)).toEqual({ text: '', quotes: [] })
    expect(createIndex(documents).search(query)).toEqual([])
  })

  it('finds nothing in nothing', () => {
    expect(answer('anything', [])).toEqual([])
    expect(answer('anything', [{ id: 'a', text: '' }, { id: 'b', text: ' \n ' }])).toEqual([])
  })

  it.each(['parking '.repeat(100_000), `${'x'.repeat(500_000)} parking`, 'unknown1 unknown2 mispeling parkng '.repeat(9000), '<script>alert(1)</script>'.repeat(5000), '\ud800\udc00\ud800'.repeat(90_000), '](('.repeat(90_000)])('survives a hostile query', query => {
    expectQuotations(documents, answer(query, documents))
  })

  it('gives back markup in a document as it was written, for the host to escape', () => {
    const texts = [{ id: 'a', title: '<b>Title</b>', text: 'Never write <img src=x onerror=alert(1)> into a page. It is dangerous.' }]
    const [best] = answer('<img onerror> page', texts)
    expectQuotations(texts, [best!])
    expect(best!.quote.text).toBe('Never write <img src=x onerror=alert(1)> into a page.')
  })

  it.each(names)('treats %s like any other id and word', name => {
    const texts = [{ id: name, text: `Beware of ${name} here.` }, { id: 'other', text: 'Nothing to see.' }]
    const passages = answer(name, texts)
    expect(passages.map(passage => passage.documentId)).toEqual([name])
    expect(matched(passages[0]!)).toEqual([name])
    expect(extractAnswer(name, texts).quotes.map(quote => quote.documentId)).toEqual([name])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it.each([['zh', '图书馆 开放时间'], ['ja', '図書館の開館時間'], ['ar', 'ساعات العمل'], ['hi', 'पुस्तकालय का समय']] as const)('works in %s', (language, query) => {
    const texts = [...documents, ...Object.entries(scripts).map(([id, text]) => ({ id, text }))]
    const passages = answer(query, texts)
    expect(passages[0]?.documentId).toBe(language)
    expectQuotations(texts, passages)
    expect(passages[0]!.quote.matches.length).toBeGreaterThan(0)
  })

  it('quotes exactly from any documents for any query, the same each time', () => {
    fc.assert(fc.property(corpus, fc.oneof(anyText, fc.constantFrom<string>(...names, 'cat', '学习')), (texts, query) => {
      const passages = answer(query, texts)
      expectQuotations(texts, passages)
      expect(passages.every(({ score }) => Number.isFinite(score) && score > 0)).toBe(true)
      expect(answer(query, texts)).toEqual(passages)
    }), { numRuns: 200 })
  })

  it('finds a document by its title even where its text has no sentence', () => {
    const texts = [{ id: 'a', title: 'Dashes', text: '---' }, { id: 'b', title: 'Quoted', text: '> ---' }, { id: 'c', text: '# Only a heading' }]
    expect(answer('dashes', texts)[0]).toMatchObject({ documentId: 'a', quote: { text: '---', start: 0, end: 3 } })
    expect(answer('quoted', texts)[0]).toMatchObject({ documentId: 'b', quote: { text: '---', start: 2, end: 5 } })
    expect(answer('heading', texts)[0]!.documentId).toBe('c')
  })
})

describe('search', () => {
  it('ranks documents, each once', () => {
    const hits = createIndex(documents).search('painted page')
    expect(hits.map(hit => hit.documentId)).toEqual(['effects'])
    expect(hits[0]).toMatchObject({ title: 'Effects' })
  })
})

describe('extractAnswer', () => {
  it('joins quotations that have asked words and do not repeat each other', () => {
    const { text, quotes } = extractAnswer('is parking free, and are dogs welcome?', documents, { maxSentences: 2 })
    expect(quotes.map(quote => quote.text).sort()).toEqual(['Dogs are welcome in the garden.', 'Parking is free after six.'])
    expect(text).toBe(quotes.map(quote => quote.text).join(' '))
  })

  it('takes the first sentence under a heading that was asked for, though it has none of the words', () => {
    const texts = [{ id: 'a', text: '# Bundler\n\n## Tree shaking\n\nWhatever nobody imports is left out of the result. It is quick.' }, ...documents]
    expect(extractAnswer('how does tree shaking work', texts).quotes[0]!.text).toBe('Whatever nobody imports is left out of the result.')
  })

  it.each(['what is the capital of Mongolia?', 'who painted the ceiling of the chapel?', 'how long should an egg boil?'])('gives nothing for %j, which these documents do not answer', query => {
    expect(extractAnswer(query, documents)).toEqual({ text: '', quotes: [] })
  })

  it.each([
    ['默认超时时间是多少？', '# 缓存库\n\n缓存库没有任何依赖。\n\n## 超时\n\n默认的超时时间是十秒。您可以用选项修改它。\n\n## 重试\n\n请求失败时会自动重试两次。', '默认的超时时间是十秒。'],
    ['再試行は何回？', '# キャッシュ\n\n遅い呼び出しの結果を保存します。\n\n## 再試行\n\n失敗した要求は二回再試行されます。', '失敗した要求は二回再試行されます。'],
    ['Wie oft werden Anfragen wiederholt?', '# Speicher\n\nDas Zeitlimit ist lang.\n\n## Wiederholung\n\nFehlgeschlagene Anfragen werden zweimal wiederholt.', 'Fehlgeschlagene Anfragen werden zweimal wiederholt.'],
  ])('answers %s', (query, text, expected) => {
    expect(extractAnswer(query, [{ id: 'a', text }]).quotes[0]!.text).toBe(expected)
  })

  it('reads passages of an index in the order they were found in, each word as rare as it is there', () => {
    const common = Array.from({ length: 30 }, (_, i) => ({ id: `${i}`, text: `We decide on matter ${i}.` }))
    const index = createIndex([...common, { id: 'x', text: 'Shaking removes what is unused.' }])
    const passages = [{ id: '1', text: 'Shaking removes what is unused.' }, { id: '2', text: 'Shaking is fine.' }, { id: '3', text: 'You decide.' }]
    expect(extractAnswer('how does shaking decide?', passages, { foundIn: index, maxSentences: 1 }).quotes[0]!.documentId).toBe('1')
    expect(index.terms('shaking decide')).toEqual([{ term: 'shak', rarity: expect.any(Number), known: true }, { term: 'decid', rarity: expect.any(Number), known: true }])
    const [rare, often] = index.terms('shaking decide')
    expect(rare!.rarity).toBeGreaterThan(often!.rarity)
  })

  it('quotes exactly, within the limits, from any documents', () => {
    fc.assert(fc.property(corpus, anyText, fc.integer({ min: 1, max: 4 }), (texts, query, maxSentences) => {
      const { quotes } = extractAnswer(query, texts, { maxSentences, maxWords: 12 })
      expect(quotes.length).toBeLessThanOrEqual(maxSentences)
      expect(quotes.flatMap(quote => quote.text.split(/\s+/)).length).toBeLessThanOrEqual(12)
      expect(quotes.map(({ documentId, start, end }) => texts.find(each => each.id === documentId)!.text.slice(start, end))).toEqual(quotes.map(quote => quote.text))
    }), { numRuns: 150 })
  })
})

describe('what is not accepted', () => {
  it.each([[null], ['text'], [{}], [[{ id: 'a' }]], [[{ text: 'a' }]], [[null]], [[{ id: 1, text: 'a' }]], [[{ id: 'a', text: 'a', title: 1 }]]])('%j as documents', source => {
    expect(() => answer('a', source as never)).toThrow(TypeError)
    expect(() => createIndex(source as never)).toThrow(TypeError)
    expect(() => extractAnswer('a', source as never)).toThrow(TypeError)
  })

  it('an id given twice', () => {
    expect(() => createIndex([{ id: 'a', text: 'a' }, { id: 'a', text: 'b' }])).toThrow(RangeError)
  })

  it.each([0, -1, 1.5, NaN, '5'])('a limit of %j', limit => {
    expect(() => answer('a', documents, { limit: limit as number })).toThrow(RangeError)
    expect(() => createIndex(documents).search('a', { limit: limit as number })).toThrow(RangeError)
    expect(() => extractAnswer('a', documents, { maxSentences: limit as number })).toThrow(RangeError)
  })

  it.each([undefined, null, 5, ['a']])('a query of %j', query => {
    expect(() => answer(query as never, documents)).toThrow(TypeError)
    expect(() => extractAnswer(query as never, documents)).toThrow(TypeError)
  })
})
