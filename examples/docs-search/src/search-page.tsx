import { OptIn, useOptIn } from 'sparing/react'
import { useMemo, useState } from 'react'
import type { ReactNode } from 'react'
import type { About, SearchAnswer } from '../shared/api.ts'
import { numberPassages } from '../shared/passages.ts'
import { AnswerText } from './answer-text.tsx'
import { Tool } from './frame.tsx'
import { Link } from './link.tsx'
import { useLoaded, useReturns } from './load.ts'
import type { Loaded } from './load.ts'
import { searchHref } from './location.ts'
import { Results } from './results.tsx'
import { useKeptRun } from './runs.ts'

/** Milliseconds after a key before the search is asked. */
const pause = 120

export function SearchPage({ query }: { query: string }) {
  const [attempt, again] = useReturns()
  const answer = useLoaded<SearchAnswer>(query ? `/api/search?q=${encodeURIComponent(query)}` : null, pause, attempt)
  const shown = useShown(query, answer)
  if (!query) return <Start />
  if (answer.status === 'failed' || answer.status === 'missing') return <Unreached again={again} />
  if (!shown) return <Waiting loaded={answer} />
  if (shown.results.length === 0) return <Found answer={shown}>{shown.facts ? null : <Nothing query={shown.query} />}</Found>
  return <Answered answer={shown} />
}

/** What was found last stays while the next is on its way: nothing jumps and nothing blinks. */
function useShown(query: string, answer: Loaded<SearchAnswer>): SearchAnswer | null {
  const [last, keep] = useState<SearchAnswer | null>(null)
  const next = !query ? null : answer.status === 'ready' ? answer.value : last
  if (next !== last) keep(next)
  return next
}

/** Results, and above them the answer that nobody gets who does not ask. */
function Answered({ answer }: { answer: SearchAnswer }) {
  const input = useMemo(() => ({ text: numberPassages(answer.results), query: answer.query }), [answer])
  const [run, keep] = useKeptRun('answer', input)
  const control = useOptIn('answer', { input, run, onRunChange: keep, autoRun: 'visible' })
  // A decline is not asked again, here neither: settings bring it back.
  const demoted = control.state.name === 'absent' && control.state.because === 'look-up'
  return (
    <OptIn.Root control={control}>
      {demoted && <Tool><OptIn.Trigger persistent className="tool" /></Tool>}
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
