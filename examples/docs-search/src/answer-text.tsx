import type { RunState } from 'sparing'
import type { ReactNode } from 'react'
import Markdown from 'react-markdown'
import type { Components } from 'react-markdown'
import { readQuotes } from '../shared/passages.ts'
import { sentenceOf } from '../shared/quotation.ts'
import type { Result } from '../shared/api.ts'
import { answerTree, flattened } from './answer-tree.ts'
import { Boundary } from './boundary.tsx'
import { citations } from './citations.ts'
import { Place, Quoted } from './results.tsx'
import { tableParts } from './table-parts.tsx'

/** An answer: quotations each with its source, or what a model wrote, its numbers linked to the results. */
export function AnswerText({ run, results }: { run: RunState; results: readonly Result[] }) {
  const growing = run.status === 'writing' || run.status === 'starting'
  return (
    <Shown run={run}>
      {run.choice?.tier === 'baseline'
        ? <Quotations text={run.text} results={results} />
        : <Markdown skipHtml components={components} remarkPlugins={[answerTree, [citations, { known: results.map(({ n }) => n), growing }]]}>{flattened(run.text)}</Markdown>}
    </Shown>
  )
}

/** What cannot be laid out is shown as it was written, and takes nothing with it. */
function Shown({ run, children }: { run: RunState; children: ReactNode }) {
  return <Boundary of={run.id} fallback={<p className="plain" dir="auto">{run.text}</p>}>{children}</Boundary>
}

function Quotations({ text, results }: { text: string; results: readonly Result[] }) {
  const quotes = readQuotes(text)
  if (quotes.length === 0) return <p>No sentence of these results answers it by itself.</p>
  return quotes.map(quote => (
    <blockquote key={`${quote.cites} ${quote.text}`}>
      <p dir="auto"><Quoted segments={sentenceOf(quote.text)} /> <Citation n={quote.cites} /></p>
      <Place steps={results.find(({ n }) => n === quote.cites)?.place ?? []} />
    </blockquote>
  ))
}

/** A summary: sentences of the document, or what a model wrote of it. */
export function SummaryText({ run }: { run: RunState }) {
  return (
    <Shown run={run}>
      {run.choice?.tier === 'baseline'
        ? <Sentences text={run.text} />
        : <Markdown skipHtml components={components} remarkPlugins={[answerTree]}>{flattened(run.text)}</Markdown>}
    </Shown>
  )
}

function Sentences({ text }: { text: string }) {
  const sentences = text.split('\n\n').filter(Boolean)
  if (sentences.length === 0) return <p>No sentence of it says enough by itself.</p>
  return sentences.map(sentence => <blockquote key={sentence}><p dir="auto"><Quoted segments={sentenceOf(sentence)} /></p></blockquote>)
}

/** Leads to a result, and the keyboard with it. */
function Citation({ n }: { n: number }) {
  return <sup><a href={`#result-${n}`} aria-label={`Result ${n}`} onClick={() => document.getElementById(`result-${n}`)?.focus()}>{n}</a></sup>
}

// A model's own links and pictures could lead anywhere: they stay text.
const components: Components = {
  a: ({ href, children }) => {
    const n = /^#result-(\d+)$/.exec(href ?? '')?.[1]
    return n ? <Citation n={Number(n)} /> : <>{children}</>
  },
  img: () => null,
  ...tableParts,
  h1: 'h3', h2: 'h3', h3: 'h3', h4: 'h3', h5: 'h3', h6: 'h3',
}
