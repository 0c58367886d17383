import type { ReactNode } from 'react'
import { Aside } from './aside.tsx'
import { Link } from './link.tsx'
import { searchHref } from './location.ts'
import { SearchBox } from './search-box.tsx'
import { Settings } from './settings.tsx'

/** What every page has: the search, the tools, and beside the contents the allowance and receipts. */
export function Frame({ query, tool, children }: { query: string; tool?: ReactNode; children: ReactNode }) {
  return (
    <>
      <a className="skip" href="#main">Skip to contents</a>
      <header className="top">
        <div className="top-inner">
          <Link className="brand" href={searchHref('')}>Docs search</Link>
          <SearchBox query={query} />
          <div className="tools">
            {tool}
            <Settings />
          </div>
        </div>
      </header>
      <div className="page">
        <main id="main" tabIndex={-1}>{children}</main>
        <Aside />
      </div>
    </>
  )
}
