import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { linesOf } from '../../../src/cli/lines.ts'

async function read(chunks: readonly string[], longest?: number) {
  const lines = []
  for await (const some of linesOf((async function* () { yield* chunks })(), longest)) lines.push(...some)
  return lines
}

describe('the lines of a stream', () => {
  test('are the same however it is cut', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.stringMatching(/^[ab]{0,6}$/)), fc.array(fc.nat(9)), async (texts, cuts) => {
      let rest = texts.map(text => `${text}\n`).join('')
      const chunks: string[] = []
      for (const cut of cuts) {
        chunks.push(rest.slice(0, cut))
        rest = rest.slice(cut)
      }
      expect(await read([...chunks, rest])).toEqual(texts.map((text, at) => ({ number: at + 1, text })))
    }))
  })

  test('end with a line feed, with or without a return, or with the stream', async () => {
    expect(await read(['a\r', '\nb\n\nc'])).toEqual([{ number: 1, text: 'a' }, { number: 2, text: 'b' }, { number: 3, text: '' }, { number: 4, text: 'c' }])
    expect(await read([])).toEqual([])
    expect(await read(['\uFEFFa\n\uFEFFb'])).toEqual([{ number: 1, text: 'a' }, { number: 2, text: '\uFEFFb' }])
  })

  test('are not kept where they are too long, and the next is read again', async () => {
    expect(await read(['aaa', 'aaa', 'aaa\nb\n'], 4)).toEqual([{ number: 1, text: null }, { number: 2, text: 'b' }])
    expect(await read(['aaaaaa'], 4)).toEqual([{ number: 1, text: null }])
  })
})
