import { createContext, useContext, useState } from 'react'
import type { ReactNode } from 'react'
import { createPortal } from 'react-dom'
import { Aside } from './aside.tsx'
import { Link } from './link.tsx'
import { searchHref } from './location.ts'
import { SearchBox } from './search-box.tsx'
import { Settings } from './settings.tsx'

const ToolSlot = createContext<HTMLElement | null>(null)

/**
 * What every page has, and what stays while pages change: the search, which must not lose its
 * focus when results come; the tools; the allowance and receipts.
 */
export function Frame({ query, children }: { query: string; children: ReactNode }) {
  const [slot, setSlot] = useState<HTMLElement | null>(null)
  return (
    <>
      <a className="skip" href="#main">Skip to contents</a>
      <header className="top">
        <div className="top-inner">
          <Link className="brand" href={searchHref('')}>Docs search</Link>
          <SearchBox query={query} />
          <div className="tools">
            {/* Kept free also where a page has no tool, so that nothing beside it moves. */}
            <span className="tool-slot" ref={setSlot} />
            <Settings />
          </div>
        </div>
      </header>
      <div className="page">
        <main id="main" tabIndex={-1}><ToolSlot value={slot}>{children}</ToolSlot></main>
        <Aside />
      </div>
    </>
  )
}

/** Puts a page's own tool among the tools. */
export function Tool({ children }: { children: ReactNode }) {
  const slot = useContext(ToolSlot)
  return slot && createPortal(children, slot)
}
