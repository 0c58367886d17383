import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { FocusEvent, ReactNode } from 'react'
import type { RunState } from '../client/index.ts'
import { Alternatives, Decline, Escalate, Scope } from './actions.tsx'
import { ControlContext, useControl } from './control-context.ts'
import { useOptIn } from './control.ts'
import type { ControlOptions, OptInControl } from './control.ts'
import { ControlCostHint, Hint } from './cost-hint.tsx'
import { Details } from './details.tsx'
import { focusIn } from './focus.ts'
import { Tier } from './level.tsx'
import { Output } from './output.tsx'
import type { OutputProps, RunChild } from './output.tsx'
import { part } from './part.tsx'
import type { PartProps } from './part.tsx'
import { ReceiptLine } from './receipt.tsx'
import { Tool, Trigger } from './trigger.tsx'

export interface OptInProps extends ControlOptions, Pick<OutputProps, 'headingLevel' | 'lang'> {
  readonly feature: string
  /** How the job is done without a generative model. It stays, whatever the control does. */
  readonly baseline?: ReactNode
  /** The answer, as a function of its run. @default its text */
  readonly children?: RunChild
}

/** A generative feature that is off until asked for: says what it costs at most, runs, and gives a receipt. */
function OptInRoot({ feature, baseline, children, headingLevel, lang, ...options }: OptInProps) {
  return (
    <Root feature={feature} {...options}>
      <Panel><Output {...headingLevel && { headingLevel }} {...lang && { lang }}>{children}</Output></Panel>
      <Baseline>{baseline}</Baseline>
    </Root>
  )
}

export type RootProps = { readonly children?: ReactNode } & (
  | { readonly control: OptInControl }
  | ControlOptions & { readonly feature: string; readonly control?: undefined }
)

/** Holds a control for the parts inside: one made by `useOptIn`, or its own. Renders no element. */
function Root(props: RootProps) {
  if (props.control) return <ControlContext value={props.control}>{props.children}</ControlContext>
  return <OwnRoot {...props} />
}

function OwnRoot({ feature, children, control: _, ...options }: ControlOptions & { feature: string; control?: undefined; children?: ReactNode }) {
  return <ControlContext value={useOptIn(feature, options)}>{children}</ControlContext>
}

/** What is there without any model. */
function Baseline({ children, ...props }: PartProps<'div'>) {
  const { state } = useControl()
  if (!children) return null
  return part('div', { className: 'sparing-baseline', children }, props, state)
}

/** The control's box: its line, the answer (its children), its buttons, and what it came to. */
function Panel({ children, ...props }: PartProps<'section'>) {
  const { state, run, words, reserved } = useControl()
  const visible = state.name !== 'absent' && state.name !== 'master-off'
  const watch = useWatch(visible)
  if (!visible) return null
  return part('section', {
    className: 'sparing-panel', 'aria-label': words.title, tabIndex: -1, 'data-tone': isWarning(state.name) ? 'warn' : undefined, 
    'data-reserved': reserved ? roomFor(run) : undefined, 'data-thinking': state.name === 'running' && state.thinking || undefined,
    ...watch, children: <Content>{children}</Content>,
  }, props, state)
}

/** Room is made for the answer, or first for a thought, which has nothing to show. */
const roomFor = (run: RunState | null) => run && run.effort !== 'none' && !run.text ? 'thought' : 'answer'

const isWarning = (name: string) => name === 'refused-by-budget' || name === 'price-changed'

/** Holds the figures while the box is hovered or focused; when what was focused goes away, focus goes to the answer's heading, else to what comes first. */
function useWatch(visible: boolean) {
  const { panel, hold, takeAttention, id } = useControl()
  const box = useRef<HTMLElement | null>(null)
  const focused = useRef<Element | null>(null)
  useOutside(id, focused)
  useLayoutEffect(() => {
    if (!box.current) return
    if (takeAttention()) focusIn(box.current)
    else if (focused.current && !focused.current.isConnected) focusIn(box.current, { preventScroll: true })
  })
  // A box that is gone is left by pointer and focus without an event.
  useEffect(() => {
    if (visible) return
    hold('pointer', false)
    hold('focus', false)
  }, [visible, hold])
  const ref = useCallback((element: HTMLElement | null) => {
    box.current = element
    panel(element)
  }, [panel])
  return {
    ref,
    onPointerEnter: () => hold('pointer', true),
    onPointerLeave: () => hold('pointer', false),
    onFocus: ({ target }: FocusEvent) => {
      focused.current = target
      hold('focus', true)
    },
    onBlur: ({ currentTarget, relatedTarget }: FocusEvent) => {
      if (currentTarget.contains(relatedTarget)) return
      focused.current = null
      hold('focus', false)
    },
  }
}

/** A trigger may stand elsewhere, such as in a menu: what goes away with the focus there leaves it to the box too. */
function useOutside(id: string, focused: { current: Element | null }): void {
  useEffect(() => {
    const mine = (target: EventTarget | null) => target instanceof HTMLElement && target.dataset['sparingOf'] === id
    const enter = ({ target }: Event) => {
      if (mine(target)) focused.current = target as Element
    }
    // What is removed is left, too: what became of it is known only afterwards.
    const leave = ({ target }: Event) => queueMicrotask(() => {
      if (mine(target) && focused.current === target) focused.current = null
    })
    document.addEventListener('focusin', enter)
    document.addEventListener('focusout', leave)
    return () => {
      document.removeEventListener('focusin', enter)
      document.removeEventListener('focusout', leave)
    }
  }, [id, focused])
}

function Content({ children }: { children: ReactNode }) {
  const { state, id, wording: { text }, undo } = useControl()
  const [open, setOpen] = useState(false)
  const offers = state.name === 'off' || state.name === 'no-model'
  return (
    <>
      <div className="sparing-place">
        <div className="sparing-strip">
          <Hint />
          {children}
          <div className="sparing-actions">
            <Trigger /><Alternatives /><Escalate /><Scope /><Decline />
            {offers && <Disclosure open={open} toggle={() => setOpen(!open)} />}
            {state.name === 'hidden' && <button type="button" className="sparing-text" data-sparing-focus="" onClick={undo}>{text.undo}</button>}
            {state.name === 'refused-by-policy' && <details className="sparing-why"><summary>{text.why}</summary><p>{text.whyPolicy}</p></details>}
          </div>
          {offers && open && <Details />}
          <ReceiptLine />
        </div>
      </div>
      <span id={`${id}-end`} tabIndex={-1} />
    </>
  )
}

function Disclosure({ open, toggle }: { open: boolean; toggle: () => void }) {
  const { wording: { text } } = useControl()
  return <button type="button" className="sparing-text" aria-expanded={open} onClick={toggle}>{text.details}</button>
}

/** `<OptIn>` as a whole, and its parts to compose it anew. */
export const OptIn = /* @__PURE__ */ Object.assign(OptInRoot, {
  Root, Panel, Baseline, Trigger, Tool, Hint, CostHint: ControlCostHint, Details, Tier, Scope, Output, Receipt: ReceiptLine, Decline, Escalate, Alternatives,
})
