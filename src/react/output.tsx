import { useEffect, useRef, useState } from 'react'
import type { ReactNode } from 'react'
import type { RunState } from '../client/index.ts'
import { useControl } from './control-context.ts'
import type { ControlState } from './control-state.ts'
import { part } from './part.tsx'
import type { PartProps } from './part.tsx'

/** What shows an answer: anything, or a function of the run as it stands. */
export type RunChild = ReactNode | ((run: RunState) => ReactNode)

export interface OutputProps extends Omit<PartProps<'div'>, 'children' | 'lang'> {
  readonly children?: RunChild
  /** Of the heading over the answer. @default 2 */
  readonly headingLevel?: 1 | 2 | 3 | 4 | 5 | 6
  /** The language of the answer. @default the provider's locale */
  readonly lang?: string
}

// An answer stays where more is asked for.
const withAnswer: readonly ControlState['name'][] = ['running', 'done', 'stopped', 'failed', 'asking', 'price-changed', 'refused-by-budget']

/** The answer: labelled as what it is, to be skipped, and no taller than 240 px until asked for. */
export function Output({ children, headingLevel = 2, lang, ...props }: OutputProps) {
  const { state, run, id, words, wording: { text } } = useControl()
  if (!run || !withAnswer.includes(state.name)) return null
  const running = state.name === 'running'
  if (!run.text && !running && state.name !== 'done') return null
  return part('div', {
    className: 'sparing-output',
    children: (
      <>
        {!running && <a className="sparing-skip" href={`#${id}-end`}>{text.skip(words.title)}</a>}
        {!running && <Heading level={headingLevel} />}
        {run.text || running ? <Body lang={lang} clips={!running}>{run.text && show(children, run)}</Body> : <p>{text.nothingFound}</p>}
      </>
    ),
  }, props, state)
}

function Heading({ level }: { level: number }) {
  const { state, run, words, wording: { text } } = useControl()
  const Tag = `h${level}` as 'h2'
  const extractive = run?.choice?.tier === 'baseline'
  return (
    <div>
      <Tag className="sparing-heading" tabIndex={-1} data-sparing-focus="">{extractive ? text.quotes : words.title}</Tag>
      <p className="sparing-label">{extractive ? text.noModelUsed : text.written}</p>
      {state.name === 'done' && state.cut && <p className="sparing-label">{text.cut}</p>}
    </div>
  )
}

function Body({ lang, clips, children }: { lang: string | undefined; clips: boolean; children: ReactNode }) {
  const { sparing: { locale }, wording: { text } } = useControl()
  const [body, setBody] = useState<HTMLElement | null>(null)
  const [all, setAll] = useState(false)
  const tall = useOverflow(clips && !all ? body : null)
  return (
    <>
      {/* What is clipped and reached by the keyboard must come into view. */}
      <div ref={setBody} className="sparing-body" lang={lang ?? locale} dir="auto" data-all={all || undefined} data-tall={tall || undefined} onFocus={() => setAll(true)}>
        {children}
      </div>
      {tall && <button type="button" className="sparing-text" onClick={() => setAll(true)}>{text.showAll}</button>}
    </>
  )
}

/** Whether an element holds more than it shows; `false` for none. */
function useOverflow(element: HTMLElement | null): boolean {
  const [tall, setTall] = useState(false)
  const frame = useRef(0)
  useEffect(() => {
    if (!element) return
    const observer = new ResizeObserver(() => {
      cancelAnimationFrame(frame.current)
      frame.current = requestAnimationFrame(() => setTall(element.scrollHeight > element.clientHeight + 1))
    })
    observer.observe(element)
    return () => {
      observer.disconnect()
      cancelAnimationFrame(frame.current)
    }
  }, [element])
  return tall && element !== null
}

function show(children: RunChild, run: RunState): ReactNode {
  if (typeof children === 'function') return children(run)
  return children ?? <div className="sparing-plain">{run.text}</div>
}
