import type { ReactNode } from 'react'
import { useSparing } from './provider.tsx'
import type { Figures } from './words.ts'

/** A line of a list of figures; left out where the figure is not known. */
export function Row({ name, children }: { name: string; children: ReactNode }) {
  if (children == null || children === '' || children === false) return null
  return <div><dt>{name}</dt><dd>{children}</dd></div>
}

/** A figure with a sign that is spoken in words, and what is said of it, which begins a line of its own rather than end in one. */
export function Spoken({ figure: [shown, spoken], note }: { figure: Figures; note?: string | null | undefined }) {
  const { text } = useSparing()
  return <><span aria-hidden="true">{shown}</span><span className="sparing-spoken">{spoken}</span>{note && <>{text.comma}<span>{note}</span></>}</>
}
