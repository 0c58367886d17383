import { useEffect, useRef, useState } from 'react'
import type { ReactNode, RefObject } from 'react'
import type { RunState } from '../client/index.ts'
import { useControl } from './control-context.ts'
import type { ControlState } from './control-state.ts'
import { part } from './part.tsx'
import type { PartProps } from './part.tsx'
import { languageOf } from './script.ts'

/** What shows an answer: anything, or a function of the run as it stands. */
export type RunChild = ReactNode | ((run: RunState) => ReactNode)

export interface OutputProps extends Omit<PartProps<'div'>, 'children' | 'lang'> {
  readonly children?: RunChild
  /** Of the heading over the answer. @default 2 */
  readonly headingLevel?: 1 | 2 | 3 | 4 | 5 | 6
  /** The language of the answer, or what tells it of a text. @default by its script, the provider's locale where that fits */
  readonly lang?: string | ((text: string) => string)
}

// An answer stays where more is asked for.
const withAnswer: readonly ControlState['name'][] = ['running', 'done', 'stopped', 'failed', 'asking', 'price-changed', 'refused-by-budget']

/** The answer: labelled as what it is, to be skipped, and no taller than there is room for until asked for. */
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
        {run.text || running ? <Body lang={lang} text={run.text}>{run.text && show(children, run)}</Body> : <p>{isExtractive(run) ? text.nothingFound : text.nothingWritten}</p>}
      </>
    ),
  }, props, state)
}

const isExtractive = (run: RunState | null) => run?.choice?.tier === 'baseline'

function Heading({ level }: { level: number }) {
  const { state, run, words, wording: { text } } = useControl()
  const Tag = `h${level}` as 'h2'
  const label = isExtractive(run) ? text.noModelUsed : [text.written, words.check].join(' ').trim()
  return (
    <div>
      <Tag className="sparing-heading" tabIndex={-1} data-sparing-focus="">{isExtractive(run) ? text.quotes : words.title}</Tag>
      {(run?.text || isExtractive(run)) && <p className="sparing-label">{label}</p>}
      {state.name === 'done' && state.cut && <p className="sparing-label">{text.cut}</p>}
    </div>
  )
}

function Body({ lang, text: written, children }: { lang: OutputProps['lang']; text: string; children: ReactNode }) {
  const { state, sparing: { locale }, wording: { text } } = useControl()
  const body = useRef<HTMLDivElement>(null)
  const [all, setAll] = useState(false)
  const running = state.name === 'running'
  const overflow = useOverflow(body, running)
  const tall = overflow.tall && !all
  const fits = !running && overflow.of === running && !overflow.tall
  const language = typeof lang === 'function' ? lang(written) : lang ?? languageOf(written, locale)
  return (
    <>
      {/* What is clipped and reached by the keyboard must come into view. */}
      <div ref={body} className="sparing-body" lang={language} dir="auto" data-all={all || undefined} data-tall={tall || undefined} data-fits={fits || undefined} onFocus={() => setAll(true)}>
        {children}
      </div>
      {tall && <button type="button" className="sparing-text" onClick={() => setAll(true)}>{text.showAll}</button>}
    </>
  )
}

/** Whether an element holds more than it shows: looked at as its size changes, as what is in it does, and as what it is `of` does. */
function useOverflow<T>(box: RefObject<HTMLElement | null>, of: T): { readonly of: T | null; readonly tall: boolean } {
  const [seen, setSeen] = useState<{ of: T | null; tall: boolean }>({ of: null, tall: false })
  useEffect(() => {
    const element = box.current!
    let frame = 0
    const note = () => {
      const tall = element.scrollHeight > element.clientHeight + 1
      setSeen(before => before.of === of && before.tall === tall ? before : { of, tall })
    }
    const look = () => {
      cancelAnimationFrame(frame)
      frame = requestAnimationFrame(note)
    }
    const observers = [new ResizeObserver(look), new MutationObserver(look)] as const
    observers[0].observe(element)
    observers[1].observe(element, { childList: true, characterData: true, subtree: true })
    return () => {
      observers.forEach(observer => observer.disconnect())
      cancelAnimationFrame(frame)
    }
  }, [box, of])
  return seen
}

function show(children: RunChild, run: RunState): ReactNode {
  if (typeof children === 'function') return children(run)
  return children ?? <div className="sparing-plain">{run.text}</div>
}
