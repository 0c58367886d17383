import { Fragment } from 'react'
import type { ReactNode } from 'react'
import type { PackageFacts, Result, Segment } from '../shared/api.ts'
import { Link } from './link.tsx'
import { documentHref } from './location.ts'

/** What was found: a package's own facts first, then passages with the words that were asked for. */
export function Results({ facts, results, query }: { facts: PackageFacts | null; results: readonly Result[]; query: string }) {
  return (
    <section aria-labelledby="results">
      <h2 id="results" className="spoken">Results</h2>
      <ol className="results">
        {facts && <li><Facts {...facts} query={query} /></li>}
        {results.map(result => <li key={result.n} id={`result-${result.n}`} tabIndex={-1}><Found {...result} query={query} /></li>)}
      </ol>
    </section>
  )
}

function Found({ document, anchor, title, place, quote, query }: Result & { query: string }) {
  return (
    <>
      <h3 dir="auto"><Link href={documentHref(document, { query, at: anchor })}>{title}</Link></h3>
      <Place steps={place} />
      <p className="quote" dir="auto"><Quoted segments={quote} /></p>
    </>
  )
}

/** Where something stands, outermost first. */
export function Place({ steps }: { steps: readonly string[] }) {
  return (
    <p className="where">
      {inOrder(steps, (step, key) => <Fragment key={key}>{key !== '0' && <span aria-hidden="true"> › </span>}<bdi>{step}</bdi></Fragment>)}
    </p>
  )
}

/** Pieces that only ever have this order: their place is their key. */
const inOrder = <T,>(pieces: readonly T[], show: (piece: T, key: string) => ReactNode) => pieces.map((piece, place) => show(piece, `${place}`))

/** Neighbouring pieces of code are one, whatever of it was asked for. */
export function Quoted({ segments }: { segments: readonly Segment[] }) {
  const groups: Segment[][] = []
  for (const segment of segments) {
    const last = groups.at(-1)
    if (last && segment.code && last[0]!.code) last.push(segment)
    else groups.push([segment])
  }
  return inOrder(groups, (group, key) => group[0]!.code ? <code key={key}>{marked(group)}</code> : <Fragment key={key}>{marked(group)}</Fragment>)
}

const marked = (segments: readonly Segment[]) => inOrder(segments, ({ text, mark }, key) => mark ? <mark key={key}>{text}</mark> : text)

const factNames: Record<PackageFacts['facts'][number]['name'], string> = {
  version: 'Version', license: 'License', homepage: 'Homepage', repository: 'Repository', author: 'Author', engines: 'Runs on',
}

function Facts({ name, description, facts, asked, document, query }: PackageFacts & { query: string }) {
  return (
    <>
      <h3>{document ? <Link href={documentHref(document, { query })}>{name}</Link> : name}</h3>
      <p className="where">package.json</p>
      {description && <p dir="auto">{description}</p>}
      <dl className="facts">
        {facts.map(fact => (
          <div key={fact.name}>
            <dt>{factNames[fact.name]}</dt>
            <dd><FactValue value={fact.value} asked={asked?.includes(fact.name) ?? false} /></dd>
          </div>
        ))}
      </dl>
    </>
  )
}

function FactValue({ value, asked }: { value: string; asked: boolean }) {
  const shown = /^https?:/.test(value) ? <a href={value} rel="noreferrer">{value.replace(/^https?:\/\/|\/$/g, '')}</a> : value
  return asked ? <mark>{shown}</mark> : shown
}
