import { createContext, useContext, useMemo, useRef } from 'react'
import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import type { AI } from '../client/index.ts'
import type { Wording } from './figures.ts'
import type { Currency } from './forms.ts'
import { english } from './languages/english.ts'
import { mergeMessages, messagesOf } from './messages.ts'
import type { MessageOverrides } from './messages.ts'
import type { Language } from './words.ts'

/** What the product team may choose. Not: off by default, "at most", equal decline, the AI label, the remembered decline. */
export interface AIProviderProps {
  readonly ai: AI
  readonly children?: ReactNode
  /** Any of the words and forms of figures that people read. */
  readonly messages?: MessageOverrides
  /** What people read it all in. @default `english` */
  readonly language?: Language
  /** The form of figures and times, and the language that outputs in its script are marked as. @default the language's own */
  readonly locale?: string
  /** What people who pay are shown money in. @default dollars */
  readonly currency?: Currency
  /** Whether people pay for runs themselves. @default what the server says */
  readonly pays?: boolean
  /** Who is named as having set the allowance. @default whom the server names */
  readonly owner?: string | null
  /** The share of the allowance from which a press is confirmed. @default 0.25 */
  readonly askAt?: number
  /** Whether levels without a model are shown as such. @default false */
  readonly showUnconfigured?: boolean
  /** Figures that are left out of Details and receipts. */
  readonly hideFigures?: readonly Figure[]
}

/** A figure that may be left out. */
export type Figure = 'seconds' | 'energy' | 'stars' | 'carbon'

export interface Sparing extends Wording {
  readonly ai: AI
  readonly locale: string
  readonly askAt: number
  readonly showUnconfigured: boolean
  readonly hideFigures: readonly Figure[]
  /** Says something to people who do not see the page. */
  readonly announce: (sentence: string) => void
}

const Context = /* @__PURE__ */ createContext<Sparing | null>(null)

const noFigures: readonly Figure[] = []

/** Gives the components below it a ready client, their words, and the one status region they share. */
export function AIProvider({ ai, children, messages, language = english, locale = language.locale, currency, pays, owner, askAt = 0.25, showUnconfigured = false, hideFigures = noFigures }: AIProviderProps) {
  const region = useRef<HTMLDivElement>(null)
  const policy = useStore(ai.catalog, ({ catalog }) => catalog?.policy)
  const text = useMemo(() => mergeMessages(messagesOf(language, { locale, currency }), messages), [language, locale, currency, messages])
  const sparing = useMemo((): Sparing => ({
    ai, text, locale, askAt, showUnconfigured, hideFigures,
    pays: pays ?? policy?.pays ?? false,
    owner: owner === undefined ? policy?.owner ?? null : owner,
    announce: sentence => {
      if (region.current) region.current.textContent = sentence
    },
  }), [ai, text, locale, askAt, showUnconfigured, hideFigures, pays, owner, policy])
  return (
    <Context value={sparing}>
      {children}
      {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- <output> is announced by fewer screen readers */}
      <div ref={region} role="status" className="sparing-spoken" />
    </Context>
  )
}

/** @throws {Error} outside an `AIProvider` */
export function useSparing(): Sparing {
  const sparing = useContext(Context)
  if (!sparing) throw new Error('There is no AIProvider above this component, so it has no client. Wrap the page in <AIProvider ai={createAI(…)}>.')
  return sparing
}
