import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keywords, language } from '../../../src/baseline/index.ts'
import { anyText } from './arbitraries.ts'
import { manual, news, paper, scripts } from './texts.ts'

describe('keywords', () => {
  it('are what a text is about, best first', () => {
    const found = keywords(news, { limit: 6 })
    expect(found.map(each => each.text.toLowerCase()).join(' ')).toMatch(/market/)
    expect(found[0]!.score).toBe(1)
    expect(found.map(each => each.score)).toEqual(found.map(each => each.score).sort((a, b) => b - a))
  })

  it('are words of the text, at most so many, for any text', () => {
    fc.assert(fc.property(anyText, fc.integer({ min: 1, max: 12 }), (source, limit) => {
      const found = keywords(source, { limit })
      expect(found.length).toBeLessThanOrEqual(limit)
      expect(found.every(({ text, score }) => source.replaceAll('\n', ' ').includes(text) && score > 0 && score <= 1)).toBe(true)
    }), { numRuns: 300 })
  })

  it.each(Object.entries({ zh: '图书', ja: '図書館', ar: 'المكتبة', hi: 'पुस्तकालय' }))('in %s have the topic', (script, topic) => {
    expect(keywords(scripts[script as keyof typeof scripts], { limit: 8 }).map(each => each.text).join(' ')).toContain(topic)
  })

  it.each(['', ' ', '...', '1 2 3'])('of %j are none', source => {
    expect(keywords(source)).toEqual([])
  })

  it('may be names of prototypes', () => {
    expect(keywords('The __proto__ trap. The constructor trap. Each constructor is a trap.').map(each => each.text)).toContain('__proto__')
  })

  it('refuse what is no text and no limit', () => {
    expect(() => keywords(5 as never)).toThrow(TypeError)
    expect(() => keywords('a', { limit: 0 })).toThrow(RangeError)
  })
})

describe('language', () => {
  it.each([
    ['en', news], ['en', paper], ['en', manual], ...Object.entries(scripts),
    ['de', 'Die Bibliothek der Stadt bleibt in diesem Sommer länger geöffnet, wie der Leiter am Montag mitteilte.'],
    ['fr', 'La bibliothèque de la ville restera ouverte plus longtemps cet été, a annoncé lundi son directeur.'],
  ])('recognises %s', async (code, source) => {
    expect(await language(source)).toEqual({ language: code, reliable: true })
  })

  it.each(['', '123', '…', '\ud800'])('of %j is not known', async source => {
    expect(await language(source)).toEqual({ language: 'und', reliable: false })
  })

  it('of a word or two is not relied on', async () => {
    expect((await language('no')).reliable).toBe(false)
  })

  it('is a code for any text', async () => {
    await fc.assert(fc.asyncProperty(anyText, async source => {
      expect((await language(source)).language).toMatch(/^[a-z]{2,3}$/)
    }))
  })

  it('refuses what is no text', async () => {
    await expect(language(null as never)).rejects.toThrow(TypeError)
  })
})
