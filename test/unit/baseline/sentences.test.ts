import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sentencesOf } from '../../../src/baseline/text/sentences.ts'
import { blocksOf } from '../../../src/baseline/text/blocks.ts'
import { anyText } from './arbitraries.ts'
import { manual, scripts } from './texts.ts'

const cut = (source: string) => sentencesOf(source).map(sentence => sentence.text)

describe('sentences', () => {
  it.each([
    [['Dr. Smith and Mrs. Jones met at 5 p.m. in St. Ives.', 'They left.']],
    [['J. R. R. Tolkien wrote it.', 'It sold well.']],
    [['See Fig. 3 for the U.S. figures.', 'We used 3.5 litres.']],
    [['Results by Lee et al. (2019) differ.', 'Others, e.g. Kim, agree.']],
    [['"Is it true?" she asked.', 'Nobody knew!']],
    [['Version 2.0 is out.', 'Call Array.from now.']],
    [['她说：“我不去。”', '他走了。']],
    [['「行くよ。」', '彼は言った。']],
    [['هل هذا صحيح؟', 'نعم.']],
    [['यह सच है।', 'वह गया।']],
  ])('%j', sentences => {
    expect(cut(sentences.join(/[。」”]$/.test(sentences[0]!) ? '' : ' '))).toEqual(sentences)
  })

  it('go on over a line that was broken to fit, not over one the writer ended', () => {
    expect(cut('The committee met in the old town hall this week\nto speak about the bridge. It was cold.')).toHaveLength(2)
    expect(cut('Roses are red\nViolets are blue')).toEqual(['Roses are red', 'Violets are blue'])
  })

  it.each([
    ['See [What is it? And why](https://example.org/a.b) for more.', 'It is short.'],
    ['Call `run(a. B)` twice.', 'Then stop.'],
    ['**Safe.** It uses random numbers.', 'It is quick.'],
    ['The range is **closed.**', 'It has an end.'],
  ])('do not end inside a link, code or a label: %j', (...sentences) => {
    expect(cut(sentences.join(' '))).toEqual(sentences)
  })

  it('go on over a short line of a wide paragraph, and end where Markdown breaks the line', () => {
    expect(cut('Clients in the browser, whichever they are, must always use the one\n[`WebSocket`](x)\nObject that is there.')).toHaveLength(1)
    expect(cut('Type: `number`\\\nDefault: `10`')).toEqual(['Type: `number`\\', 'Default: `10`'])
  })

  it('without an end are divided between words', () => {
    const pieces = cut('word '.repeat(1000))
    expect(pieces.length).toBeGreaterThan(5)
    expect(pieces.every(piece => /^word.*word$/.test(piece))).toBe(true)
  })

  it('are slices of any text, in order, not overlapping, without white space around', () => {
    fc.assert(fc.property(anyText, source => {
      const sentences = sentencesOf(source, blocksOf(source), () => true)
      expect(sentences.map(({ start, end }) => source.slice(start, end))).toEqual(sentences.map(each => each.text))
      expect(sentences.every(({ start, text }, i) => start >= (sentences[i - 1]?.end ?? 0) && text === text.trim() && text !== '')).toBe(true)
    }), { numRuns: 400 })
  })

  it.each(Object.entries(scripts))('of %s are as many as it has ends', (_, source) => {
    const ends = source.match(/[。.؟।](?!”|」)|[。]”/g)
    expect(cut(source)).toHaveLength(ends!.length)
  })
})

describe('blocks', () => {
  it('tell what a manual is made of', () => {
    expect(blocksOf(manual).map(block => block.kind)).toEqual(
      ['markup', 'heading', 'markup', 'paragraph', 'heading', 'paragraph', 'table', 'code', 'item', 'item'])
  })

  it.each(['[![build](a.svg)](b) <!-- badge -->[![size](c.svg)](d)', '![logo](a.png)', '<p align="center">', '[ref]: https://example.org', "import x from 'y'"])('take %j for markup', source => {
    expect(blocksOf(source).map(block => block.kind)).toEqual(['markup'])
  })

  it('leave the marks of a quotation out of its sentences', () => {
    expect(cut('> One thing is said.\n> Another thing is said.')).toEqual(['One thing is said.', 'Another thing is said.'])
  })

  it('take a line without a full stop for a heading only where no heading is marked, or all of it is bold', () => {
    const kinds = (source: string) => blocksOf(source).map(block => block.kind)
    expect(kinds('Opening hours\n\nWe open at six.')).toEqual(['heading', 'paragraph'])
    expect(kinds('# Timeout\n\nDefault: `10`\n\nIt is long.')).toEqual(['heading', 'paragraph', 'paragraph'])
    expect(kinds('# Timeout\n\n**An example**\n\nIt is long.')).toEqual(['heading', 'heading', 'paragraph'])
  })

  it('leave the kind of an alert out, and divide a list within a quotation', () => {
    expect(cut('> [!NOTE]\n> Keep it safe.')).toEqual(['Keep it safe.'])
    expect(cut('> - One thing.\n>\n> - Another thing.')).toEqual(['One thing.', 'Another thing.'])
  })

  it.each([['# C#', 'C#'], ['## Title ##', 'Title'], ['### a # b', 'a # b'], ['Title\n=====', 'Title']])('read the heading %j', (source, words) => {
    const [block] = blocksOf(source)
    expect({ kind: block!.kind, words: source.slice(block!.start, block!.end) }).toEqual({ kind: 'heading', words })
  })
})
