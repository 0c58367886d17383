import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { DocumentText } from '../../../examples/docs-search/src/document-text.tsx'
import { linkOf } from '../../../examples/docs-search/src/document-tree.ts'

const render = (text: string, title = 'Guide') => renderToStaticMarkup(<DocumentText id="pkg/docs/guide.md" title={title} text={text} query="q" />)

describe('a document\'s text', () => {
  it('leaves out HTML, scripts, pictures and addresses that run', () => {
    const html = render('# T\n\n<script>alert(1)</script>\n\n<img src=x onerror=alert(1)> ![p](https://x/y.png) [x](javascript:alert(1)) [d](data:text/html,x) text')
    expect(html).not.toMatch(/script|<img|onerror|javascript:|data:text/)
    expect(html).toContain('text')
  })

  it('leaves out badges with the links around them', () => {
    expect(render('[![b](https://x/b.svg)](https://x) after')).toBe('<p data-at="0" dir="auto"> after</p>')
  })

  it('has no title of its own, and skips no level of heading', () => {
    expect(render('# Title\n\n#### Deep\n\n###### Deeper\n\n# Big').match(/<h\d/g)).toEqual(['<h2', '<h3', '<h2'])
  })

  it.each(['## Set *up*\n\nText.', '### Set up\n\nText.', '## Before\n\n# Set up\n\nText.'])('does not say its title again: %j', text => {
    expect(render(text, 'Set up')).not.toContain('up</h')
  })

  it('keeps a section that is called like it', () => {
    expect(render('# Ky\n\n## Use\n\n## Ky\n\nText.', 'Ky').match(/<h\d/g)).toEqual(['<h2', '<h2'])
  })

  it('knows where each block stands in the source', () => {
    expect(render('One.\n\n- Two.')).toMatch(/<p data-at="0" dir="auto">One.<\/p>\s*<ul data-at="6" dir="auto">\s*<li data-at="6" dir="auto">/)
  })

  it('gives headings anchors that are not the page\'s own', () => {
    expect(render('## Root\n\n## Root\n\n## `a.b()` & c')).toMatch(/id="doc-root".*id="doc-root-1".*id="doc-ab--c"/s)
  })

  it('makes tables', () => {
    const html = render('| a | b |\n|---|:-:|\n| `x|y` [l](https://x) | |\n| 1 | 2 | 3 |')
    expect(html.match(/<t[hd]\b/g)).toHaveLength(6)
    expect(html).toMatch(/<th>\s*a\s*<\/th>/)
    expect(html).toContain('<code>x|y</code>')
  })

  it('keeps a heading of a table that is a link only, and no corner without a word', () => {
    expect(render('| ![p](x.png) | [l](https://x) |\n|---|---|\n| 1 | 2 |')).toMatch(/<td aria-hidden="true"><\/td>\s*<th>\s*<a href="https:\/\/x" rel="noreferrer">l<\/a>\s*<\/th>/)
  })

  it.each(['a | b\n- c', 'a | b', '| a |\ntext | text'])('takes %j for no table', text => {
    expect(render(text)).not.toContain('<table')
  })

  it('shows what is nested beyond all reason, as text', () => {
    const quotes = render(`${'>'.repeat(3_000)} the innermost words`)
    expect(quotes).toContain('the innermost words')
    expect(quotes.match(/<blockquote/g)!.length).toBeLessThan(100)
    const list = render(Array.from({ length: 90 }, (_, level) => `${'  '.repeat(level)}- level ${level}`).join('\n'))
    expect(list).toContain('level 89')
  })

  it('lets every block have its own direction, and code the one of code', () => {
    expect(render('مرحبا\n\n```\ncode\n```')).toMatch(/<p data-at="0" dir="auto">.*<pre tabindex="0"><code data-at="7" dir="ltr">/s)
  })

  it('names notes', () => {
    expect(render('> [!WARNING]\n> Hot.')).toContain('<strong>Warning. </strong>Hot.')
  })
})

describe('a document\'s link', () => {
  it.each([
    ['#Set-up', '#doc-set-up'],
    ['https://example.com/a', 'https://example.com/a'],
    ['other.md#part', '/document?id=pkg%2Fdocs%2Fother.md&q=q'],
    ['../README.md', '/document?id=pkg%2FREADME.md&q=q'],
    ['../../../../etc/x.md', '/document?id=etc%2Fx.md&q=q'],
  ])('%j leads to %s', (href, to) => {
    expect(linkOf(href, 'pkg/docs/guide.md', 'q')).toBe(to)
  })

  it.each(['javascript:alert(1)', 'mailto:a@b', '//example.com', './code.ts', '%', 'http:\\\\x'])('%j leads nowhere', href => {
    expect(linkOf(href, 'pkg/docs/guide.md', 'q')).toBe('')
  })
})
