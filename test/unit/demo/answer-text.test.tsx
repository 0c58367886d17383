import { renderToStaticMarkup } from 'react-dom/server'
import type { RunState } from 'sparing'
import { describe, expect, it } from 'vitest'
import { AnswerText, SummaryText } from '../../../examples/docs-search/src/answer-text.tsx'

/** A run that ended in quotations. */
const quoting = (text: string) => ({ status: 'completed', text, choice: { tier: 'baseline' } }) as RunState

const shownOf = (html: string) => html.replaceAll(/<(?!\/?code)[^>]*>/g, '')

describe('quotations above the results', () => {
  it.each([
    ['`__dirname` is not there, and `**` matches all.', '<code>__dirname</code> is not there, and <code>**</code> matches all.'],
    ['It returns `Promise<void>`.', '<code>Promise&lt;void&gt;</code>'],
    ['Use &lt;Suspense&gt; around it.', 'Use &lt;Suspense&gt; around it.'],
    ['In **bold**, a [link](https://x), [another][label] and ![a picture](y.png) no more.', 'In bold, a link, another and no more.'],
    ['A ** between spaces, and __dirname alone.', 'A ** between spaces, and __dirname alone.'],
    ['Of `a[0][1]` and b[0][1].', 'Of <code>a[0][1]</code> and b[0][1].'],
  ])('show %j as its document does', (source, shown) => {
    expect(shownOf(renderToStaticMarkup(<SummaryText run={quoting(source)} />))).toContain(shown)
    expect(shownOf(renderToStaticMarkup(<AnswerText run={quoting(`${source} [1]`)} results={[]} />))).toContain(shown)
  })
})

describe('what a model wrote', () => {
  const written = (text: string) => ({ id: 'written1', status: 'completed', text, choice: { tier: 'eco' } }) as RunState
  const result = { n: 1, document: 'a.md', anchor: '0', title: 'A', place: ['a'], quote: [], passage: '' }
  const answerOf = (text: string) => renderToStaticMarkup(<AnswerText run={written(text)} results={[result]} />)
  const summaryOf = (text: string) => renderToStaticMarkup(<SummaryText run={written(text)} />)

  it.each([['quotations', '> '.repeat(2_500)], ['quotations without spaces', '>'.repeat(2_500)], ['lists', '- '.repeat(2_500)], ['numbered lists', '1. '.repeat(2_500)], ['emphasis', '*a **b '.repeat(2_500)]])('is shown however deep its %s are nested', (_, signs) => {
    expect(answerOf(`${signs}the innermost words`)).toContain('the innermost words')
    expect(summaryOf(`${signs}the innermost words`)).toContain('the innermost words')
  })

  it('has tables, with citations in them', () => {
    const html = answerOf('| Way | Unit |\n|---|---|\n| `signal` [1] | none |')
    expect(html.match(/<th>/g)).toHaveLength(2)
    expect(html).toMatch(/<td> ?<code>signal<\/code><sup><a href="#result-1" aria-label="Result 1">1<\/a><\/sup> ?<\/td>/)
    expect(summaryOf('a | b\n--|--\n1 | 2').match(/<t[hd]>/g)).toHaveLength(4)
  })
})
