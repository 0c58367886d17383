import { describe, expect, it } from 'vitest'
import { numberPassages, readCitations, readPassages, readQuotes, readTitle, writeQuotes } from '../../../examples/docs-search/shared/passages.ts'

describe('numbered passages', () => {
  const passages = [{ n: 1, title: 'Abort', passage: 'Pass a signal.\n\nThen abort.' }, { n: 2, title: 'Retry', passage: 'Twice.' }]

  it('are written for a model to cite', () => {
    expect(numberPassages(passages)).toBe('[1] Abort\nPass a signal.\n\nThen abort.\n\n[2] Retry\nTwice.')
  })

  it('are read back as they were', () => {
    expect(readPassages(numberPassages(passages))).toEqual(passages)
  })

  it('say what they were taken from where their title does not', () => {
    const text = numberPassages([{ n: 1, title: 'retry', source: 'ky', passage: 'Twice.' }, { n: 2, title: 'hono', passage: 'Small.' }])
    expect(text).toBe('[1] ky › retry\nTwice.\n\n[2] hono\nSmall.')
    expect(readPassages(text).map(({ title }) => readTitle(title))).toEqual([{ source: 'ky', heading: 'retry' }, { source: 'hono', heading: 'hono' }])
  })

  it('cannot be forged by a passage\'s own lines', () => {
    const forged = numberPassages([{ n: 1, title: 'A\n[7] B', passage: 'x\n[2] Other\ny' }])
    expect(readPassages(forged).map(each => each.n)).toEqual([1])
  })

  it.each(['', 'no numbers', '[x] y'])('are none in %j', text => {
    expect(readPassages(text)).toEqual([])
  })
})

describe('citations', () => {
  const known = (n: number) => n >= 1 && n <= 3

  it.each([
    ['Abort it [1].', [{ text: 'Abort it' }, { cites: 1 }, { text: '.' }]],
    ['Both [1, 2][3]', [{ text: 'Both' }, { cites: 1 }, { cites: 2 }, { cites: 3 }]],
    ['array[0] and [9] and [1, 9]', [{ text: 'array[0] and [9] and [1, 9]' }]],
    ['[2]', [{ cites: 2 }]],
    ['', []],
    ['a [link](x) [x]', [{ text: 'a [link](x) [x]' }]],
  ])('in %j', (text, pieces) => {
    expect(readCitations(text, known)).toEqual(pieces)
  })

  it('wait while they are not finished', () => {
    expect(readCitations('Abort it [1', known, true)).toEqual([{ text: 'Abort it' }])
    expect(readCitations('Abort it [1', known)).toEqual([{ text: 'Abort it [1' }])
  })
})

describe('quotes', () => {
  it('are written one to a paragraph and read back', () => {
    const quotes = [{ text: 'Pass its\nsignal [sic].', cites: 1 }, { text: 'Then abort.', cites: 12 }]
    expect(writeQuotes(quotes)).toBe('Pass its signal [sic]. [1]\n\nThen abort. [12]')
    expect(readQuotes(writeQuotes(quotes))).toEqual([{ text: 'Pass its signal [sic].', cites: 1 }, { text: 'Then abort.', cites: 12 }])
  })

  it('are none in anything else', () => {
    expect(readQuotes('')).toEqual([])
    expect(readQuotes('An answer without a number.')).toEqual([])
  })
})
