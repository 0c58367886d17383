import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { thinkTags } from '../../../../src/server/providers/think-tags.ts'

/** What is read of pieces, neighbours of a kind joined. */
function read(pieces: readonly string[]): [type: string, text: string][] {
  const tags = thinkTags()
  const said: [string, string][] = []
  for (const { type, text } of [...pieces.flatMap(piece => tags.read(piece)), ...tags.end()]) {
    const last = said.at(-1)
    if (last?.[0] === type) last[1] += text
    else said.push([type, text])
  }
  return said
}

/** The same in the plainest way, of a text that is all there. */
function readAtOnce(whole: string): [string, string][] {
  let [type, trims, begun, closed] = ['text', false, false, false]
  const said: [string, string][] = []
  for (const piece of whole.split(/(<\/?think>)/)) {
    const [opens, closes] = [piece === '<think>', piece === '</think>']
    const isTag = type === 'reasoning' ? closes : (opens && !begun) || (closes && !closed)
    if (type === 'text' && (opens || closes)) closed = true
    if (isTag) {
      [type, trims] = [opens ? 'reasoning' : 'text', true]
      continue
    }
    const text = trims ? piece.trimStart() : piece
    if (!text) continue
    trims = false
    if (type === 'text' && text.trim()) begun = true
    if (said.at(-1)?.[0] === type) said.at(-1)![1] += text
    else said.push([type, text])
  }
  return said
}

describe('reasoning between tags', () => {
  test.each<[string, [string, string][]]>([
    ['No tags < here > at all', [['text', 'No tags < here > at all']]],
    ['<think>\nHm.\n</think>\n\nYes.', [['reasoning', 'Hm.\n'], ['text', 'Yes.']]],
    ['<think></think>Yes.', [['text', 'Yes.']]],
    ['<think>Never closed', [['reasoning', 'Never closed']]],
    ['opened in the prompt</think>Yes.', [['text', 'opened in the promptYes.']]],
    [' \n<think>b</think> c', [['text', ' \n'], ['reasoning', 'b'], ['text', 'c']]],
    ['<think>a</think>\n<think>b</think>c', [['reasoning', 'ab'], ['text', 'c']]],
    ['Write `<think>` before and `</think>` after.', [['text', 'Write `<think>` before and `</think>` after.']]],
    ['<think>Hm</think>Write <think>b</think> so.', [['reasoning', 'Hm'], ['text', 'Write <think>b</think> so.']]],
    ['<think>What is <think>?</think>A tag.', [['reasoning', 'What is <think>?'], ['text', 'A tag.']]],
    ['opened before</think> a </think> b', [['text', 'opened beforea </think> b']]],
    ['Ends with <thi', [['text', 'Ends with <thi']]],
    ['<thinking> is no tag', [['text', '<thinking> is no tag']]],
  ])('%j', (whole, expected) => {
    expect(read([whole])).toEqual(expected)
  })

  test('is the same however it is cut up', () => {
    const token = fc.constantFrom('<think>', '</think>', '<', 'think>', '</', 'a', ' ', '\n', 'é')
    fc.assert(fc.property(fc.array(token), fc.array(fc.nat(40)), (tokens, cuts) => {
      const whole = tokens.join('')
      const at = [0, ...cuts.map(cut => cut % (whole.length + 1)).sort((a, b) => a - b), whole.length]
      const pieces = at.slice(1).map((end, i) => whole.slice(at[i], end))
      expect(read(pieces)).toEqual(readAtOnce(whole))
    }))
  })

  test('holds nothing back but the beginning of a tag', () => {
    const tags = thinkTags()
    expect(tags.read('Half a ')).toEqual([{ type: 'text', text: 'Half a ' }])
    expect(tags.read('tag <')).toEqual([{ type: 'text', text: 'tag ' }])
    expect(tags.read('b')).toEqual([{ type: 'text', text: '<b' }])
    expect(tags.end()).toEqual([])
  })
})
