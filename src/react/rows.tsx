import type { ReactNode } from 'react'

/** A line of a list of figures; left out where the figure is not known. */
export function Row({ name, children }: { name: string; children: ReactNode }) {
  if (children == null || children === '' || children === false) return null
  return <div><dt>{name}</dt><dd>{children}</dd></div>
}

/** A figure with a sign that is spoken in words. */
export const Spoken = ({ figure: [shown, spoken] }: { figure: readonly [shown: string, spoken: string] }) =>
  <><span aria-hidden="true">{shown}</span><span className="sparing-spoken">{spoken}</span></>
