import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { thinkTags } from '../../../../src/server/providers/think-tags.ts'

/** What is read of pieces, neighbours of a kind joined; "again" is text that was told before as reasoning. */
function read(pieces: readonly string[], { opened = false, cut = false } = {}): [type: string, text: string][] {
  const tags = thinkTags(opened)
  const said: [string, string][] = []
  for (const { type, text, again } of [...pieces.flatMap(piece => tags.read(piece)), ...tags.end(cut)]) {
    const last = said.at(-1)
    if (last?.[0] === type && !again) last[1] += text
    else said.push([again ? 'again' : type, text])
  }
  return said
}

/** The same in the plainest way, of a text that is all there. */
function readAtOnce(whole: string, opened: boolean): [string, string][] {
  // As if the template's tag stood before it, unless it has its own.
  const isOpened = opened && !whole.trimStart().startsWith('<think>')
  if (isOpened && !whole.includes('</think>')) return whole.trimStart() ? [['reasoning', whole.trimStart()], ['again', whole.trimStart()]] : []
  let [type, trims, begun] = ['text', opened, false]
  const said: [string, string][] = []
  for (const piece of `${isOpened ? '<think>' : ''}${whole}`.split(/(<\/?think>)/)) {
    const [opens, closes] = [piece === '<think>', piece === '</think>']
    const isTag = type === 'reasoning' ? closes : opens && !begun
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
    // Nobody can take back what was read as text, so an orphan stays where it is: the models whose templates open it are known, and read otherwise.
    ['opened in the prompt</think>Yes.', [['text', 'opened in the prompt</think>Yes.']]],
    ['Close it with </think> and go on.', [['text', 'Close it with </think> and go on.']]],
    [' \n<think>b</think> c', [['text', ' \n'], ['reasoning', 'b'], ['text', 'c']]],
    ['<think>a</think>\n<think>b</think>c', [['reasoning', 'ab'], ['text', 'c']]],
    ['Write `<think>` before and `</think>` after.', [['text', 'Write `<think>` before and `</think>` after.']]],
    ['<think>Hm</think>Write <think>b</think> so.', [['reasoning', 'Hm'], ['text', 'Write <think>b</think> so.']]],
    ['<think>What is <think>?</think>A tag.', [['reasoning', 'What is <think>?'], ['text', 'A tag.']]],
    ['opened before</think> a </think> b', [['text', 'opened before</think> a </think> b']]],
    ['Ends with <thi', [['text', 'Ends with <thi']]],
    ['<thinking> is no tag', [['text', '<thinking> is no tag']]],
  ])('%j', (whole, expected) => {
    expect(read([whole])).toEqual(expected)
  })

  test.each<[string, [string, string][]]>([
    ['\nHm.\n</think>\n\nYes.', [['reasoning', 'Hm.\n'], ['text', 'Yes.']]],
    ['</think>Yes.', [['text', 'Yes.']]],
    ['<think>Hm.</think>Yes.', [['reasoning', 'Hm.'], ['text', 'Yes.']]],
    [' \n<think>Hm.', [['reasoning', 'Hm.']]],
    ['What is <think>?</think>A tag. </think> too.', [['reasoning', 'What is <think>?'], ['text', 'A tag. </think> too.']]],
    ['No tag ever comes <', [['reasoning', 'No tag ever comes <'], ['again', 'No tag ever comes <']]],
    ['', []],
  ])('of a model whose template opens it in the prompt: %j', (whole, expected) => {
    expect(read([whole], { opened: true })).toEqual(expected)
  })

  test('that is broken off stays reasoning: the answer was yet to come', () => {
    expect(read(['Let me see'], { opened: true, cut: true })).toEqual([['reasoning', 'Let me see']])
  })

  test('is no more taken for that where reasoning comes by a way of its own', () => {
    const tags = thinkTags(true)
    expect(tags.apart()).toEqual([])
    expect([...tags.read('\nYes.'), ...tags.end()]).toEqual([{ type: 'text', text: '\nYes.' }])
    const late = thinkTags(true)
    expect([...late.read('Yes'), ...late.apart(), ...late.read('.'), ...late.end()]).toEqual([{ type: 'reasoning', text: 'Yes' }, { type: 'text', text: 'Yes', again: true }, { type: 'text', text: '.' }])
  })

  test.each([false, true])('is the same however it is cut up (%s)', opened => {
    const token = fc.constantFrom('<think>', '</think>', '<', 'think>', '</', 'a', ' ', '\n', 'é')
    fc.assert(fc.property(fc.array(token), fc.array(fc.nat(40)), (tokens, cuts) => {
      const whole = tokens.join('')
      const at = [0, ...cuts.map(cut => cut % (whole.length + 1)).sort((a, b) => a - b), whole.length]
      const pieces = at.slice(1).map((end, i) => whole.slice(at[i], end))
      expect(read(pieces, { opened })).toEqual(readAtOnce(whole, opened))
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
