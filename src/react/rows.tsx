import { Fragment } from 'react'
import type { ReactNode } from 'react'
import { useSparing } from './provider.tsx'
import type { Figures } from './words.ts'

interface RowProps {
  readonly name: string
  /** One figure, or several. */
  readonly children: ReactNode
  /** What had been said of it before. */
  readonly said?: ReactNode
}

/** A line of a list of figures; left out where none is known. */
export function Row({ name, children, said }: RowProps) {
  const { text } = useSparing()
  const [figures, before] = [known(children), known(said)]
  if (figures.length === 0) return null
  return (
    <div>
      <dt>{name}</dt>
      <dd><Parts parts={figures} /></dd>
      {before.length > 0 && <dd className="sparing-said">{text.said}: <Parts parts={before} /></dd>}
    </div>
  )
}

const known = (figures: ReactNode): ReactNode[] => [figures].flat().filter(figure => figure != null && figure !== '' && figure !== false) as ReactNode[]

/** Figures of one line, each of which begins a line of its own rather than end in one. */
function Parts({ parts }: { parts: readonly ReactNode[] }) {
  const { text } = useSparing()
  if (parts.length < 2) return parts[0]
  // oxlint-disable-next-line react/no-array-index-key -- they have their places
  return parts.map((part, at) => <Fragment key={at}>{at > 0 && ' '}<span className="sparing-part">{part}{at + 1 < parts.length && text.comma.trimEnd()}</span></Fragment>)
}

/** A figure with a sign that is spoken in words, and what is said of it, which begins a line of its own rather than end in one. */
export function Spoken({ figure: [shown, spoken], note }: { figure: Figures; note?: string | null | undefined }) {
  const { text } = useSparing()
  return <><span aria-hidden="true">{shown}</span><span className="sparing-spoken">{spoken}</span>{note && <>{text.comma}<span>{note}</span></>}</>
}
