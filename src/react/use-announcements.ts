import { useEffect, useRef } from 'react'
import type { ControlState } from './control-state.ts'
import { hintOf } from './hint.ts'
import type { HintFacts } from './hint.ts'
import { useLatest } from './hooks.ts'

/** Milliseconds after which a person who does not see the page is told that it goes on. */
const longWait = 10_000

/**
 * Says what became of a press: its start, a long wait, its end, a refusal. What the page shows by
 * itself is not announced.
 */
export function useAnnouncements(facts: HintFacts, acted: boolean, announce: (sentence: string) => void): void {
  const { name } = toldOf(facts.state)
  const before = useRef(name)
  const latest = useLatest({ facts, acted, announce })
  useEffect(() => {
    if (before.current === name) return
    before.current = name
    const { facts, acted, announce } = latest.current
    const sentence = acted ? announcementOf(facts) : null
    if (sentence) announce(sentence)
  }, [name, latest])
  useEffect(() => {
    if (name !== 'running') return
    const timer = setTimeout(() => latest.current.announce(latest.current.facts.wording.text.stillWriting), longWait)
    return () => clearTimeout(timer)
  }, [name, latest])
}

const toldOf = (state: ControlState) => state.name === 'done' && state.refused || state

const silent: readonly ControlState['name'][] = ['off', 'estimating', 'absent', 'master-off']

function announcementOf(facts: HintFacts): string | null {
  const { state, wording: { text }, words } = facts
  if (silent.includes(state.name)) return null
  if (state.name === 'running') return text.started(words.title)
  if (state.name === 'done' && !state.refused) return state.extractive ? `${text.quotes}. ${text.noModelUsed}` : text.finished(words.title)
  const { lead, rest } = hintOf(facts)
  return [lead, ...rest].join(' ').trim()
}
