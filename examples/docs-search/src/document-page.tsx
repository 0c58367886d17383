import { OptIn, useAI, useOptIn } from 'sparing/react'
import { memo, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { DocumentAnswer } from '../shared/api.ts'
import { excerptOf } from '../shared/excerpt.ts'
import { SummaryText } from './answer-text.tsx'
import { Boundary } from './boundary.tsx'
import { DocumentText } from './document-text.tsx'
import { Tool } from './frame.tsx'
import { Link } from './link.tsx'
import { useLoaded, useReturns } from './load.ts'
import { searchHref } from './location.ts'
import type { Place as PageAddress } from './location.ts'
import { keepOutcome } from './receipts.ts'
import { Place } from './results.tsx'
import { useKeptRun } from './runs.ts'

type Address = Extract<PageAddress, { page: 'document' }>

export function DocumentPage({ place: { id, query, at } }: { place: Address }) {
  const [attempt, again] = useReturns()
  const loaded = useLoaded<DocumentAnswer>(`/api/document?id=${encodeURIComponent(id)}`, 0, attempt)
  return (
    <>
      {query && <p className="back"><Link href={searchHref(query)}>Results for “{query}”</Link></p>}
      {loaded.status === 'ready' && <Opened document={loaded.value} query={query} at={at} />}
      {loaded.status === 'loading' && <output className="waiting">{loaded.slow && <span className="quiet">Opening…</span>}</output>}
      {loaded.status === 'missing' && <div className="message"><h1>There is no such document</h1><p className="quiet">It is not among those that are searched here.</p></div>}
      {loaded.status === 'failed' && (
        <div className="message" role="alert">
          <h1>The document could not be loaded</h1>
          <p className="quiet">The server did not answer. Check the connection, and that it is running.</p>
          <button type="button" className="button" onClick={again}>Try again</button>
        </div>
      )}
    </>
  )
}

function Opened({ document, query, at }: { document: DocumentAnswer; query: string; at: number | null }) {
  return (
    <article>
      <header className="document-head">
        <Place steps={document.place} />
        <h1 dir="auto">{document.title}</h1>
      </header>
      <Summary title={document.title} text={document.text} />
      <Body document={document} query={query} at={at} />
    </article>
  )
}

/** The summary that nobody gets who does not ask; of a long document, of as much as one run may read. */
function Summary({ title, text }: { title: string; text: string }) {
  const { excerpt, whole } = useMemo(() => excerptOf(text), [text])
  const input = useMemo(() => ({ text: excerpt }), [excerpt])
  const ai = useAI()
  const [run, keep] = useKeptRun('summary', input, title)
  // A document is final as it comes: nobody who always wants its summary waits for it.
  const control = useOptIn('summary', { input, run, onRunChange: keep, onOutcome: outcome => keepOutcome(ai, outcome), autoRun: 'visible', autoRunAfter: 0 })
  return (
    <OptIn.Root control={control}>
      <Tool><OptIn.Tool className="tool" /></Tool>
      <OptIn.Panel className="strip">
        <OptIn.Output>
          {state => <><SummaryText run={state} />{!whole && <p className="quiet small">Of the document’s first part; it is longer than one summary may read.</p>}</>}
        </OptIn.Output>
      </OptIn.Panel>
    </OptIn.Root>
  )
}

/** Characters that are laid out at first: a few hundred screens. */
const laidOut = 150_000

function Body({ document: { id, title, text }, query, at }: { document: DocumentAnswer; query: string; at: number | null }) {
  const [all, setAll] = useState(text.length <= laidOut || (at ?? 0) > laidOut * 0.9)
  const box = useRef<HTMLDivElement>(null)
  useArrival(box, at)
  return (
    <>
      <div className="prose" ref={box}>
        <Boundary of={id} fallback={<p className="plain" dir="auto">{text}</p>}><Text id={id} title={title} text={all ? text : text.slice(0, laidOut)} query={query} /></Boundary>
      </div>
      {!all && <button type="button" className="button" onClick={() => setAll(true)}>Show the rest of this document</button>}
    </>
  )
}

/** A long document is not laid out again because something beside it changed. */
const Text = memo(DocumentText)

/** Brings the passage that a result named into view, marked, with the keyboard there; once, for "back" has its own place. */
function useArrival(box: { readonly current: HTMLElement | null }, at: number | null): void {
  useLayoutEffect(() => {
    if (at === null || !box.current) return undefined
    const blocks = [...box.current.querySelectorAll<HTMLElement>('[data-at]')]
    const block = blocks.findLast(each => Number(each.dataset['at']) <= at)
    if (!block) return undefined
    block.dataset['found'] = ''
    if (history.state !== 'arrived') arrive(block)
    return () => void delete block.dataset['found']
  }, [box, at])
}

function arrive(block: HTMLElement): void {
  history.replaceState('arrived', '')
  block.tabIndex = -1
  block.focus({ preventScroll: true })
  block.scrollIntoView({ block: 'start' })
}
