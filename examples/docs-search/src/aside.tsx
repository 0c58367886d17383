import { BudgetMeter, english, Receipt, useReceipt } from 'sparing/react'
import { useId, useState } from 'react'
import { Boundary } from './boundary.tsx'
import { forgetReceipts, useReceipts } from './receipts.ts'
import type { KeptReceipt } from './receipts.ts'
import { useMedia } from './media.ts'

/** The allowance and every receipt: beside the results, or folded under them where there is no beside. */
export function Aside() {
  const beside = useMedia('(min-width: 64rem)')
  const receipts = useReceipts()
  const contents = (
    <>
      <section aria-labelledby="allowance">
        <h2 id="allowance">Today’s allowance</h2>
        <Boundary of="allowance" fallback={<p className="quiet small">It cannot be shown here.</p>}><BudgetMeter /></Boundary>
      </section>
      <section aria-labelledby="receipts">
        <h2 id="receipts">Receipts</h2>
        <Boundary of={receipts.map(({ receipt }) => receipt.id).join(' ')} fallback={<Unshown />}>
          {receipts.length === 0 ? <p className="quiet small">None yet. Each AI answer leaves one here.</p> : <Receipts receipts={receipts} />}
        </Boundary>
      </section>
    </>
  )
  return (
    <aside aria-label="Allowance and receipts" className="aside">
      {beside ? contents : <details><summary>Allowance and receipts{receipts.length > 0 && ` (${receipts.length})`}</summary>{contents}</details>}
    </aside>
  )
}

/** The way out where one of them is of no shape that can be shown. */
function Unshown() {
  return (
    <>
      <p className="quiet small">The receipts in this browser cannot be shown.</p>
      <button type="button" className="text-button" onClick={forgetReceipts}>Delete them</button>
    </>
  )
}

const shownFirst = 6

function Receipts({ receipts }: { receipts: readonly KeptReceipt[] }) {
  const [all, setAll] = useState(false)
  return (
    <>
      <ul className="receipts">{(all ? receipts : receipts.slice(0, shownFirst)).map(kept => <li key={kept.receipt.id}><Entry {...kept} /></li>)}</ul>
      {receipts.length > shownFirst && !all && <button type="button" className="text-button" onClick={() => setAll(true)}>Show all {receipts.length}</button>}
    </>
  )
}

const { levels } = english.words
const kinds: Readonly<Record<string, string>> = { answer: 'Answer', summary: 'Summary' }
/** Quotes that did not finish found nothing, where a model may have. */
const endOf = ({ status, choice }: KeptReceipt['receipt']) => status === 'failed' && choice.tier === 'baseline' ? 'nothing found' : ends[status]
const ends: Readonly<Record<string, string>> = { aborted: 'stopped', failed: 'did not finish', expired: 'did not finish', ceiling: 'cut at the most' }

/** What it was of, and what it took; its details open below it. */
function Entry({ receipt, seconds, about, enough }: KeptReceipt) {
  const [open, setOpen] = useState(false)
  const id = useId()
  const { used, promised } = useReceipt(receipt)
  const { feature, choice, at } = receipt
  const kind = `${kinds[feature] ?? feature}, ${choice.tier === 'baseline' ? 'quotes' : levels[choice.tier]}`
  const rated = enough === undefined ? null : enough ? 'enough' : 'not enough'
  const notes = [about && kind, promised, seconds !== null && seconds >= 1 && `${Math.round(seconds)} s`, endOf(receipt), rated].filter(Boolean).join(', ')
  return (
    <>
      <button type="button" className="receipt" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        <span className="receipt-name" dir="auto">{about ?? kind}</span>
        <b>{share(used)}</b>
        <span className="quiet">{notes}</span>
        <time className="quiet" dateTime={new Date(at).toISOString()}>{timeOf(at)}</time>
      </button>
      <div id={id} hidden={!open} className="receipt-details">{open && <Receipt receipt={receipt} />}</div>
    </>
  )
}

/** "1% of today's allowance" without the rest, which the list's own heading says. */
const share = (used: string) => /^(?:less than )?\d+%/.exec(used)?.[0].replace('less than', 'under') ?? 'nothing'

const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' })
const timeOf = (at: number) => new Date(at).toDateString() === new Date().toDateString() ? clock.format(at) : day.format(at)
