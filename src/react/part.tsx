import { cloneElement, createElement } from 'react'
import type { ComponentPropsWithRef, ReactElement, ReactNode, Ref } from 'react'
import type { ControlState } from './control-state.ts'

type Props = Readonly<Record<string, unknown>>

/** Another element for a part, or a function of its props and state that makes one. */
export type Render<State = ControlState> = ReactElement | ((props: Props, state: State) => ReactNode)

export type PartProps<Tag extends 'button' | 'div' | 'p' | 'section' | 'span'> = ComponentPropsWithRef<Tag> & { readonly render?: Render }

/**
 * A part's element: the given props over its own, event handlers of both, the given first. A handler
 * that prevents the default prevents the part's own.
 */
export function part(tag: string, own: Props, { render, ...given }: { readonly render?: Render | undefined }, state: ControlState): ReactNode {
  const props = mergeProps({ 'data-state': state.name, ...own }, given)
  if (typeof render === 'function') return render(props, state)
  return render ? cloneElement(render, mergeProps(props, render.props as Props)) : createElement(tag, props)
}

function mergeProps(own: Props, given: Props): Props {
  const merged: Record<string, unknown> = { ...own }
  for (const [name, value] of Object.entries(given)) {
    const before = own[name]
    if (value !== undefined) merged[name] = before === undefined ? value : merge(name, before, value)
  }
  return merged
}

function merge(name: string, own: unknown, given: unknown): unknown {
  if (name === 'className') return `${own as string} ${given as string}`
  if (name === 'style') return { ...own as object, ...given as object }
  if (name === 'ref') return (element: unknown) => [own, given].forEach(ref => setRef(ref as Ref<unknown>, element))
  return /^on[A-Z]/.test(name) ? both(given as Handler, own as Handler) : given
}

type Handler = (event: { defaultPrevented?: boolean }) => void

const both = (given: Handler, own: Handler): Handler => event => {
  given(event)
  if (!event.defaultPrevented) own(event)
}

function setRef(ref: Ref<unknown>, element: unknown): void {
  if (typeof ref === 'function') ref(element)
  else if (ref) ref.current = element
}
