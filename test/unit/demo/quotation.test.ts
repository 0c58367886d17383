import { describe, expect, it } from 'vitest'
import { labelsOf, quotationOf } from '../../../examples/docs-search/shared/quotation.ts'

const matching = (source: string, ...words: string[]) => words.flatMap(word => {
  const start = source.indexOf(word)
  return start < 0 ? [] : [{ start, end: start + word.length }]
})
const quote = (source: string, words: string[] = [], labels: string[] = []) => quotationOf(source, matching(source, ...words), labels)
const textOf = (segments: readonly { text: string }[]) => segments.map(({ text }) => text).join('')

describe('a quotation', () => {
  it('marks asked words and tells code apart', () => {
    expect(quote('Call `abort()` on the **signal**, twice.', ['abort', 'signal'])).toEqual([
      { text: 'Call ' }, { text: 'abort', code: true, mark: true }, { text: '()', code: true }, { text: ' on the ' },
      { text: 'signal', mark: true }, { text: ', twice.' },
    ])
  })

  it('shows links by their text, and pictures and tags not at all', () => {
    expect(textOf(quote('See <b>[the guide](https://example.com "x")</b> ![logo](x.png) [here][ref].', [], ['ref']))).toBe('See the guide here.')
  })

  it('marks words of text that is written with escapes', () => {
    expect(quote('Use \\*stars\\* &amp; signal.', ['signal'])).toEqual([{ text: 'Use *stars* & ' }, { text: 'signal', mark: true }, { text: '.' }])
  })

  it('is of a quotation\'s lines, from wherever in it', () => {
    const link = '[The more they resemble it, the more\n> confidence they **give** you.][principle]'
    expect(quote(link, ['confidence'], ['principle'])).toEqual([{ text: 'The more they resemble it, the more ' }, { text: 'confidence', mark: true }, { text: ' they give you.' }])
    expect(textOf(quote(`> ${link}`, [], ['principle']))).toBe('The more they resemble it, the more confidence they give you.')
    expect(textOf(quote('One\n> > two\n> > three.'))).toBe('One two three.')
  })

  it('is one line, without the ends\' spaces', () => {
    expect(textOf(quote('    indented\n   twice  '))).toBe('indented twice')
    expect(textOf(quote('- one\n- two'))).toBe('one two')
  })

  it('ends in dots where it is long', () => {
    const text = textOf(quote('word '.repeat(200)))
    expect(text.length).toBeLessThanOrEqual(321)
    expect(text).toMatch(/ word…$/)
  })

  it('makes nothing of markup alone', () => {
    expect(quote('[![build](https://x/y.svg)](https://x)')).toEqual([])
  })
})

it('finds the labels a document defines', () => {
  expect(labelsOf('[a]: https://x\n\n  [b c]: <y>\n[^1]: note\n[d] e')).toEqual(['a', 'b c'])
})
