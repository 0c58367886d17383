import { OptIn, useAI, useOptIn } from 'sparing/react'
import { useEffect, useMemo, useState } from 'react'
import type { ReactNode } from 'react'
import type { About, SearchAnswer } from '../shared/api.ts'
import { numberPassages } from '../shared/passages.ts'
import { AnswerText } from './answer-text.tsx'
import { Tool } from './frame.tsx'
import { Link } from './link.tsx'
import { useLoaded, useReturns } from './load.ts'
import type { Loaded } from './load.ts'
import { searchHref, useTyping } from './location.ts'
import { readyForOffline, useFoundBefore } from './offline.ts'
import { keepOutcome } from './receipts.ts'
import { Results } from './results.tsx'
import { useKeptRun } from './runs.ts'

/** Milliseconds after a key before the search is asked. */
const pause = 120

export function SearchPage({ query }: { query: string }) {
  const [attempt, again] = useReturns()
  const answer = useLoaded<SearchAnswer>(query ? `/api/search?q=${encodeURIComponent(query)}` : null, pause, attempt)
  const shown = useShown(query, answer)
  const failed = answer.status === 'failed' || answer.status === 'missing'
  const before = useFoundBefore(query, failed)
  useEffect(() => {
    if (shown) readyForOffline()
  }, [shown])
  if (!query) return <Start />
  if (failed) return before ? <><Away again={again} />{answerOf(before, query)}</> : <Unreached again={again} />
  return shown ? answerOf(shown, query) : <Waiting loaded={answer} />
}

/** @param query the address's, which is ahead of its answer while somebody types */
function answerOf(shown: SearchAnswer, query: string): ReactNode {
  if (shown.results.length === 0) return <Found answer={shown}>{shown.facts ? null : <Nothing query={shown.query} />}</Found>
  return <Answered answer={shown} changing={shown.query !== query} />
}

/** What was found last stays while the next is on its way: nothing jumps and nothing blinks. */
function useShown(query: string, answer: Loaded<SearchAnswer>): SearchAnswer | null {
  const [last, keep] = useState<SearchAnswer | null>(null)
  const next = !query ? null : answer.status === 'ready' ? answer.value : last
  if (next !== last) keep(next)
  return next
}

/** Results, and above them the answer that nobody gets who does not ask. */
function Answered({ answer, changing }: { answer: SearchAnswer; changing: boolean }) {
  const input = useMemo(() => ({ text: numberPassages(answer.results), query: answer.query }), [answer])
  const ai = useAI()
  const [run, keep] = useKeptRun('answer', input, answer.query)
  const typing = useTyping()
  const control = useOptIn('answer', {
    input, run, onRunChange: keep, onOutcome: outcome => keepOutcome(ai, outcome), autoRun: 'visible',
    // Enter, and a link, say that it is the whole question; otherwise no key for a while does.
    ...changing ? { autoRunAfter: Infinity } : !typing && { autoRunAfter: 0 },
  })
  return (
    <OptIn.Root control={control}>
      <Tool><OptIn.Tool className="tool" /></Tool>
      <Found answer={answer}>
        <OptIn.Panel className="strip"><OptIn.Output>{state => <AnswerText run={state} results={answer.results} />}</OptIn.Output></OptIn.Panel>
      </Found>
    </OptIn.Root>
  )
}

function Found({ answer, children }: { answer: SearchAnswer; children: ReactNode }) {
  const { results, facts, query } = answer
  const count = results.length + (facts ? 1 : 0)
  return (
    <>
      <h1 className="spoken">Results for “{query}”</h1>
      <output className="spoken">{count === 1 ? '1 result' : `${count} results`}</output>
      {children}
      {count > 0 && <Results facts={facts} results={results} query={query} />}
    </>
  )
}

/** Kept empty for the moment that results take; words only for a longer wait. */
function Waiting({ loaded }: { loaded: Loaded<unknown> }) {
  return <output className="waiting">{loaded.status === 'loading' && loaded.slow && <span className="quiet">Searching…</span>}</output>
}

function Nothing({ query }: { query: string }) {
  return (
    <div className="message">
      <h2>Nothing found for “{query}”</h2>
      <p className="quiet">Try fewer or other words, or the name of a package.</p>
    </div>
  )
}

function Unreached({ again }: { again: () => void }) {
  return (
    <div className="message" role="alert">
      <h1>Results could not be loaded</h1>
      <p className="quiet">The search did not answer. Check the connection, and that the server is running.</p>
      <button type="button" className="button" onClick={again}>Try again</button>
    </div>
  )
}

/** The server is away, and this is what can be had without it. */
function Away({ again }: { again: () => void }) {
  return (
    <p className="away quiet small">
      <output>The search can’t be reached. These are from results that were loaded before.</output> <button type="button" className="text-button" onClick={again}>Try again</button>
    </p>
  )
}

function Start() {
  const about = useLoaded<About>('/api/about')
  const { documents, packages, examples } = about.status === 'ready' ? about.value : { documents: 0, packages: 0, examples: [] }
  return (
    <div className="start">
      <h1>Search the documentation</h1>
      <p className="quiet">
        {documents > 0 && <>{documents} documents{packages > 0 && ` of ${packages} packages`}. </>}
        Results come with the passage that answers. An AI answer is optional, and off until you ask for it.
      </p>
      {examples.length > 0 && (
        <>
          <h2>For example</h2>
          <ul className="examples">{examples.map(example => <li key={example}><Link href={searchHref(example)}>{example}</Link></li>)}</ul>
        </>
      )}
    </div>
  )
}
