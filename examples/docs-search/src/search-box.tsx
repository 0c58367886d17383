import { useEffect, useRef, useState } from 'react'
import type { FormEvent } from 'react'
import { follow, navigate, searchHref } from './location.ts'

/** Milliseconds without a key after which a query is a step of its own for "back". */
const settled = 1_500

/** The search: results follow as one types, and the address with them. */
export function SearchBox({ query }: { query: string }) {
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useText(query)
  const lastKey = useRef(-Infinity)
  useShortcut(input)

  const type = (value: string) => {
    setText(value)
    const now = performance.now()
    const sameBurst = now - lastKey.current < settled && location.pathname === '/'
    lastKey.current = now
    follow(searchHref(value.trim()), sameBurst ? 'replace' : 'push')
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    lastKey.current = -Infinity
    navigate(searchHref(text.trim()))
  }
  return (
    <search className="search"><form action="/" onSubmit={submit}>
      <label className="spoken" htmlFor="q">Search the documentation</label>
      <input
        ref={input} id="q" name="q" type="search" value={text} placeholder="Search the documentation" maxLength={400}
        autoComplete="off" autoCapitalize="off" spellCheck={false} enterKeyHint="search" aria-keyshortcuts="/"
        onChange={event => type(event.target.value)}
      />
      <kbd aria-hidden="true">/</kbd>
    </form></search>
  )
}

/** What is typed, until the address names another query. */
function useText(query: string): [string, (text: string) => void] {
  const [state, setState] = useState({ text: query, query })
  const typed = state.text.trim() === query
  if (state.query !== query) setState({ text: typed ? state.text : query, query })
  return [state.query === query || typed ? state.text : query, text => setState(before => ({ ...before, text }))]
}

/** "/" leads to the search from anywhere that is not a field. */
function useShortcut(input: { readonly current: HTMLInputElement | null }): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const { target } = event
      const inField = target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName))
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || inField) return
      event.preventDefault()
      input.current?.select()
    }
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  }, [input])
}
