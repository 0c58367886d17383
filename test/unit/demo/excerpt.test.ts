import { expect, it } from 'vitest'
import { features } from '../../../examples/docs-search/shared/features.ts'
import { excerptOf } from '../../../examples/docs-search/shared/excerpt.ts'

const bytes = (text: string) => new TextEncoder().encode(text).length

it('a short document is summarised whole', () => {
  expect(excerptOf('Text.')).toEqual({ excerpt: 'Text.', whole: true })
})

it.each(['word '.repeat(20_000), 'भाषा '.repeat(9_000), '🙂'.repeat(20_000), `${'p'.repeat(15_000)}\n\n${'q'.repeat(15_000)}`])('a long one as far as a run may read it', text => {
  const { excerpt, whole } = excerptOf(text)
  expect(whole).toBe(false)
  expect(text.startsWith(excerpt)).toBe(true)
  expect(bytes(excerpt)).toBeLessThan(features.summary.maxInputTokens * 4)
  expect(excerpt.length).toBeGreaterThan(1_000)
})

it('ends at a paragraph', () => {
  expect(excerptOf(`${'p'.repeat(15_000)}\n\n${'q'.repeat(15_000)}`).excerpt).toBe('p'.repeat(15_000))
})
