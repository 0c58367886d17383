import { useId } from 'react'
import { useStore } from 'zustand'
import { tierFits, tiers } from '../core/index.ts'
import type { Estimate } from '../core/index.ts'
import { useControl } from './control-context.ts'
import { comparison, energySpan, lamp } from './figures.ts'
import type { Wording } from './figures.ts'
import { isReady } from './offer.ts'
import type { ReadyOffer } from './offer.ts'
import { part } from './part.tsx'
import type { PartProps } from './part.tsx'
import { Row, Spoken } from './rows.tsx'

/** All that is known of the cost before a run, and the level: by disclosure, never on hover. */
export function Details() {
  const { offers: { main }, wording: { text } } = useControl()
  return (
    <div className="sparing-details">
      {isReady(main) && <dl className="sparing-rows"><Figures offer={main} /></dl>}
      <Tier aria-label={text.level} />
    </div>
  )
}

function Figures({ offer }: { offer: ReadyOffer }) {
  const { offers: { levels }, wording, words, sparing: { hideFigures } } = useControl()
  const { text, pays } = wording
  const { cost, ceiling, stars } = offer.estimate
  const shows = (figure: typeof hideFigures[number]) => !hideFigures.includes(figure)
  const seconds = shows('seconds') ? secondsSpan(wording, offer.estimate) : null
  return (
    <>
      <Row name={text.usually}>
        {shows('energy') && cost.wh && <><Spoken figure={energySpan(wording, cost.wh)} />{seconds && text.comma}</>}{seconds}
      </Row>
      <Row name={text.most}>{shows('energy') && ceiling.wh !== null && lamp(wording, ceiling.wh)}</Row>
      <Row name={text.comparison}>{shows('energy') && comparison(wording, offer, levels[1] ?? null, words.one)}</Row>
      <Row name={text.charge}>{!pays && text.included}</Row>
      <Row name={text.rating}>{shows('stars') && stars !== null && text.stars(text.number(stars), true)}</Row>
    </>
  )
}

function secondsSpan({ text }: Wording, { seconds }: Estimate): string | null {
  if (!seconds) return null
  const { low, high } = seconds
  if (high < 1) return text.seconds(high)
  return text.span(high < 120 ? text.number(Math.max(1, Math.round(low))) : text.seconds(low), text.seconds(high))
}

/** Picks the level and whether to think longer. Changing it never runs anything. */
export function Tier(props: PartProps<'div'>) {
  const { feature, state, offers, wording: { text }, tier, effort, setLevel, sparing: { ai, showUnconfigured } } = useControl()
  const id = useId()
  const most = useStore(ai.catalog, ({ catalog }) => catalog?.features[feature]?.tier ?? 'eco')
  const { status: { tiers: set }, think } = offers
  const shown = tiers.filter(each => each !== 'baseline' && (showUnconfigured ? tierFits(each, most) : set.includes(each)))
  if (shown.length < 2 && !think) return null
  const thinks = effort !== 'none'
  const lowest = set[0] ?? 'eco'
  return part('div', {
    className: 'sparing-levels', role: 'group',
    children: (
      <>
        <label htmlFor={id}>{text.level}</label>
        <select id={id} value={tier ?? lowest} onChange={event => setLevel({ tier: shown.find(each => each === event.target.value), effort: 'none' })}>
          {shown.map(each => <option key={each} value={each}>{text.levels[each]}</option>)}
        </select>
        {think && (
          <label>
            <input type="checkbox" checked={thinks} onChange={() => setLevel(thinks ? { tier: undefined, effort: 'none' } : think.demand)} />{' '}
            {text.thinkLonger}
          </label>
        )}
      </>
    ),
  }, props, state)
}
