import { useEffect } from 'react'
import { Boundary } from './boundary.tsx'
import { DocumentPage } from './document-page.tsx'
import { Frame } from './frame.tsx'
import { placeOf, useHref } from './location.ts'
import { SearchPage } from './search-page.tsx'

/** The page that its address names. */
export function App() {
  const place = placeOf(useHref())
  const title = place.page === 'document' ? place.id : place.query
  useEffect(() => {
    document.title = title ? `${title} · Docs search` : 'Docs search'
  }, [title])
  return (
    <Frame query={place.query}>
      {/* By its id: a document's page starts anew, a search goes on, and what cannot be shown of one may be of the next. */}
      <Boundary key={place.page === 'document' ? place.id : 'search'} of={place.query} fallback={<Broken />}>
        {place.page === 'document' ? <DocumentPage place={place} /> : <SearchPage query={place.query} />}
      </Boundary>
    </Frame>
  )
}

function Broken() {
  return (
    <div className="message" role="alert">
      <h1>This page could not be shown</h1>
      <p className="quiet">Something in it cannot be laid out here. The search above still works.</p>
    </div>
  )
}
