import { useId, useState } from 'react'
import type { ComponentPropsWithRef } from 'react'
import { useStore } from 'zustand'
import { unitFor } from '../core/figure.ts'
import type { AI } from '../client/index.ts'
import type { Budget, Receipt as ReceiptData } from '../core/index.ts'
import { useControl } from './control-context.ts'
import { isAnswer } from './control-state.ts'
import { bound, energiesOfReceipt, energySpan, ofAllowance, spent, usualCost } from './figures.ts'
import type { Wording } from './figures.ts'
import { useBudget } from './hooks.ts'
import { linesFor, pricedOffer } from './offer.ts'
import { part } from './part.tsx'
import type { PartProps } from './part.tsx'
import { useSparing } from './provider.tsx'
import { Row, Spoken } from './rows.tsx'
import { isExtractive, ownLines } from './share.ts'

export interface ReceiptProps extends Omit<ComponentPropsWithRef<'dl'>, 'children'> {
  readonly receipt: ReceiptData
}

/** What a run took beside what had been said, and why it ran as it did. */
export function Receipt({ receipt, ...props }: ReceiptProps) {
  const { ai, text, hideFigures } = useSparing()
  const { used, said, together } = useReceiptFigures(receipt)
  const catalog = useStore(ai.catalog, state => state.catalog)
  const { choice, estimate, id } = receipt
  const quotes = isExtractive(choice.model, catalog) || choice.tier === 'baseline'
  const alone = estimate.baseline.wh?.mid
  const shows = (figure: typeof hideFigures[number]) => !hideFigures.includes(figure)
  return (
    <dl {...props} className={`sparing-rows ${props.className ?? ''}`}>
      <Row name={text.counts} said={said}>{used}</Row>
      <Row name={text.model}>{quotes ? text.quotes : text.reasoning(choice.model, choice.effort !== 'none')}</Row>
      <Row name={text.reason}>{choice.reasons.map(({ code, text: sentence }) => text.reasons[code] ?? sentence).join(' ')}</Row>
      {shows('energy') && <Energy receipt={receipt} together={together} />}
      {shows('carbon') && <Carbon receipt={receipt} />}
      {shows('energy') && !quotes && <Row name={text.quotesAlone}>{alone && <Spoken figure={text.energy(alone, undefined, besides(alone, together))} />}</Row>}
      <Row name={text.support}><Id id={id} /></Row>
    </dl>
  )
}

function Energy({ receipt: { cost, estimate, provenance = estimate.provenance }, together }: ReceiptProps & { together: readonly number[] }) {
  const { text } = useSparing()
  const usual = energySpan(text, estimate, together)
  const most = estimate.ceiling.wh === null ? null : text.energy(estimate.ceiling.wh, 'up', together)
  return (
    <Row name={text.energyName} said={[usual && <Spoken key="usual" figure={usual} />, most && <Spoken key="most" figure={[text.atMost(most[0]), text.atMost(most[1])]} />]}>
      {cost.wh !== null && <Spoken figure={text.energy(cost.wh, undefined, together)} note={text.provenances[provenance.wh]} />}
    </Row>
  )
}

/** Of the electricity, and apart from it of making the hardware, in one unit. */
function Carbon({ receipt: { cost, embodied, estimate } }: ReceiptProps) {
  const { ai, text } = useSparing()
  const grid = useStore(ai.catalog, ({ catalog }) => catalog?.policy.carbon)
  const [made, usual] = [embodied?.gco2e, estimate.cost.gco2e].map(range => range && [range.low, range.high] as const)
  const together = [...made ?? [], ...usual ?? [], cost.gco2e ?? 0]
  const mass = (grams: number | readonly [number, number]) => text.carbon(grams, undefined, together)
  return (
    <>
      <Row name={text.carbonName} said={usual && <Spoken figure={mass(usual)} />}>
        {cost.gco2e !== null && <Spoken figure={mass(cost.gco2e)} note={grid && text.zone(grid.zone, text.year(grid.year))} />}
      </Row>
      <Row name={text.makingName}>{made && <Spoken figure={text.making(mass(made))} note={text.provenances.modelled} />}</Row>
    </>
  )
}

/** What a figure has its unit with: where it is too little for that of the others, its own, of which it is more than one. */
function besides(wh: number, together: readonly number[]): readonly number[] {
  const { size, least } = unitFor(together)
  return wh < size * least ? [wh, wh / 100] : together
}

/** In two halves, between which it may break; from left to right in any language. */
function Id({ id }: { id: string }) {
  const half = Math.ceil(id.length / 2)
  return <code dir="ltr"><span>{id.slice(0, half)}</span><span>{id.slice(half)}</span></code>
}

/** A receipt's two figures, for a list of one's own: what it took ("1% of today's allowance") and what had been said ("at most 2%"). */
export function useReceipt(receipt: ReceiptData): { used: string; promised: string | null } {
  const { used, promised } = useReceiptFigures(receipt)
  return { used, promised }
}

function useReceiptFigures(receipt: ReceiptData) {
  const sparing = useSparing()
  const budget = useBudget()
  return receiptFigures(sparing, receipt, [...ownLines(budget), ...receipt.budgets])
}

function receiptFigures(wording: Wording & { ai: AI }, receipt: ReceiptData, lines: readonly Budget[]) {
  const { estimate } = receipt
  const offer = pricedOffer(wording.ai, '', { effort: estimate.effort }, estimate)
  const together = energiesOfReceipt(receipt)
  const { share, used } = spent(wording, receipt, lines, together)
  const whole = share && !wording.pays ? ofAllowance(wording, used, share) : used
  if (estimate.tier === 'baseline') return { used: wording.text.usedNothing, promised: null, said: null, together }
  const promised = bound(wording, offer, 'short', together)
  return { used: whole, promised, said: [usualCost(wording, offer, linesFor(wording.ai, estimate), 'short'), promised], together }
}

/** What the run took, the whole receipt by disclosure, and whether it was enough. */
export function ReceiptLine(props: PartProps<'div'>) {
  const { state, run } = useControl()
  const running = state.name === 'running'
  // An answer keeps its receipt while more is asked for.
  if (!running && !(run?.receipt && isAnswer(run) && ['done', 'asking', 'price-changed'].includes(state.name))) return null
  return part('div', { className: 'sparing-cost', children: running ? <Meanwhile /> : <Line receipt={run!.receipt!} /> }, props, state)
}

/** What is set aside while the run goes on, in the place of what it will have taken. */
function Meanwhile() {
  const { wording, promised, relies } = useLine()
  const most = promised && promised.estimate.tier !== 'baseline' ? bound(wording, promised) : null
  return <p>{!relies && most && wording.text.meanwhile(most)}</p>
}

/** Who relies on an aid is not told its price each time. */
function useLine() {
  const control = useControl()
  return { ...control, relies: control.aid && control.offers.status.state === 'on' }
}

function Line({ receipt }: { receipt: ReceiptData }) {
  const { sparing: { ai }, wording, words, lines, took, relies, rates, run } = useLine()
  const { text } = wording
  const [open, setOpen] = useState(false)
  const id = useId()
  const { used, promised } = receiptFigures({ ...wording, ai }, receipt, [...lines, ...receipt.budgets])
  const { tier } = receipt.choice
  const how = [tier !== 'baseline' && text.levelOf(text.levels[tier], words.one), took !== null && text.seconds(took)].filter(each => each !== false)
  return (
    <>
      <p>
        <span>
          {!relies && <>{promised ? text.used(used, promised) : used}{' '}{text.sentence(how)}{' '}</>}
          <button type="button" className="sparing-text" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>{text.receipt}</button>
        </span>
        {rates && run?.text && <Enough />}
      </p>
      <div id={id} hidden={!open}>{open && <Receipt receipt={receipt} />}</div>
    </>
  )
}

/** Whether the answer was enough: two buttons of the same weight, which stay. */
function Enough() {
  const { wording: { text }, rate } = useControl()
  const [enough, setEnough] = useState<boolean | null>(null)
  const id = useId()
  const button = (value: boolean) => (
    <button
      type="button" className="sparing-text" aria-pressed={enough === value}
      onClick={() => {
        setEnough(value)
        rate(value)
      }}
    >
      {value ? text.yes : text.no}
    </button>
  )
  return (
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a fieldset is no part of a sentence
    <span role="group" aria-labelledby={id}>
      <span id={id}>{text.enough}</span> {button(true)} {button(false)}
    </span>
  )
}
