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
