import { useEffect } from 'react'
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
      {/* By its id: a document's page starts anew, a search goes on. */}
      {place.page === 'document' ? <DocumentPage key={place.id} place={place} /> : <SearchPage query={place.query} />}
    </Frame>
  )
}
