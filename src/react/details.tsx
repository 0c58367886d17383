import type { Estimate } from '../core/index.ts'
import { useControl } from './control-context.ts'
import { EnergyStars } from './energy-stars.tsx'
import { comparison, energySpan, lamp } from './figures.ts'
import type { Wording } from './figures.ts'
import { Tier } from './level.tsx'
import { isReady } from './offer.ts'
import type { ReadyOffer } from './offer.ts'
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
  const { cost, ceiling, stars, provenance } = offer.estimate
  const shows = (figure: typeof hideFigures[number]) => !hideFigures.includes(figure)
  const seconds = shows('seconds') ? secondsSpan(wording, offer.estimate) : null
  return (
    <>
      <Row name={text.usually}>
        {shows('energy') && cost.wh && <><Spoken figure={energySpan(wording, cost.wh)} />{seconds && text.comma}</>}{seconds}
      </Row>
      <Row name={text.most}>{shows('energy') && ceiling.wh !== null && lamp(wording, ceiling.wh)}</Row>
      <Row name={text.comparison}>{shows('energy') && comparison(wording, offer, levels[1], words.one)}</Row>
      <Row name={text.charge}>{!pays && text.included}</Row>
      <Row name={text.rating}>{shows('stars') && stars !== null && <EnergyStars stars={stars} estimated={provenance.stars !== 'published'} />}</Row>
    </>
  )
}

function secondsSpan({ text }: Wording, { seconds }: Estimate): string | null {
  if (!seconds) return null
  const { low, high } = seconds
  if (high < 1) return text.seconds(high)
  return text.span(high < 120 ? text.number(Math.max(1, Math.round(low))) : text.seconds(low), text.seconds(high))
}
