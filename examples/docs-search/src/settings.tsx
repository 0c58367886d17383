import type { FeatureStatus } from 'sparing'
import { useAI } from 'sparing/react'
import { useEffect, useId, useRef, useState } from 'react'
import type { ReactNode, RefObject } from 'react'
import { useStore } from 'zustand'
import { downloadReceipts, forgetReceipts, useReceipts } from './receipts.ts'

/** A small menu: the master switch, what stands for each feature, and the receipts. */
export function Settings() {
  const [open, setOpen] = useState(false)
  const box = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const id = useId()
  useDismiss(box, open, byKey => {
    setOpen(false)
    if (byKey) button.current?.focus()
  })
  return (
    <div className="settings" ref={box}>
      <button ref={button} type="button" className="tool" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>Settings</button>
      <div id={id} hidden={!open} className="menu">{open && <Choices />}</div>
    </div>
  )
}

/** Closes on Escape, on a press elsewhere, and when the keyboard moves on. */
function useDismiss(box: RefObject<HTMLElement | null>, open: boolean, close: (byKey: boolean) => void): void {
  useEffect(() => {
    if (!open) return undefined
    const away = (event: Event) => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) close(false)
    }
    const escape = (event: KeyboardEvent) => event.key === 'Escape' && close(true)
    addEventListener('pointerdown', away)
    addEventListener('focusin', away)
    addEventListener('keydown', escape)
    return () => {
      removeEventListener('pointerdown', away)
      removeEventListener('focusin', away)
      removeEventListener('keydown', escape)
    }
  })
}

function Choices() {
  const ai = useAI()
  const enabled = useStore(ai.optIns, state => state.enabled)
  const receipts = useReceipts()
  return (
    <>
      <Switch on={enabled} turn={on => ai.setEnabled(on)}>AI answers</Switch>
      {enabled ? <><FeatureChoice feature="answer" name="Answers to searches" /><FeatureChoice feature="summary" name="Summaries of documents" /></>
        : <p className="quiet small">AI is off, and nothing here offers it. Results work as before.</p>}
      {receipts.length > 0 && (
        <>
          <button type="button" className="text-button" onClick={downloadReceipts}>Download receipts</button>
          <button type="button" className="text-button" onClick={forgetReceipts}>Delete receipts on this device</button>
        </>
      )}
    </>
  )
}

function Switch({ on, turn, children }: { on: boolean; turn: (on: boolean) => void; children: ReactNode }) {
  return (
    <button type="button" role="switch" aria-checked={on} className="switch" onClick={() => turn(!on)}>
      <span>{children}</span>
      <span className="switch-state" aria-hidden="true">{on ? 'On' : 'Off'}</span>
      <span className="switch-track" aria-hidden="true" />
    </button>
  )
}

type Stand = 'ask' | 'always' | 'hidden'

const standOf = ({ state }: FeatureStatus, standing: boolean): Stand => state === 'declined' ? 'hidden' : standing ? 'always' : 'ask'

/** One step each way, before any run as well as after one. */
function FeatureChoice({ feature, name }: { feature: 'answer' | 'summary'; name: string }) {
  const ai = useAI()
  const records = useStore(ai.optIns, state => state.records)
  useStore(ai.optIns, state => state.declined)
  const ready = useStore(ai.catalog, ({ status }) => status === 'ready')
  const stand = standOf(ai.status(feature), records.some(record => record.feature === feature))
  const choose: Record<Stand, () => void> = {
    ask: () => {
      ai.undecline(feature)
      if (stand === 'always') ai.optOut(feature)
    },
    always: () => {
      ai.undecline(feature)
      ai.optIn(feature, { scope: 'always', origin: 'settings' })
    },
    hidden: () => ai.decline(feature),
  }
  const option = (value: Stand, label: string, disabled = false) => (
    <label key={value}>
      <input type="radio" name={`stand-${feature}`} checked={stand === value} disabled={disabled} onChange={choose[value]} /> {label}
    </label>
  )
  return (
    <fieldset>
      <legend>{name}</legend>
      {option('ask', 'Offer, and run when I ask')}
      {option('always', 'Always run here', !ready)}
      {option('hidden', 'Hide the offer')}
    </fieldset>
  )
}
