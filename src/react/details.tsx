import { useControl } from './control-context.ts'
import { EnergyStars } from './energy-stars.tsx'
import { comparison, energySpan, lamp, mostCost, usualCost } from './figures.ts'
import { Tier } from './level.tsx'
import { isReady, linesFor } from './offer.ts'
import type { ReadyOffer } from './offer.ts'
import { Row, Spoken } from './rows.tsx'

/** All that is known of the cost before a run, and the level: by disclosure, never on hover. */
export function Details() {
  const { state, offers: { main }, wording: { text } } = useControl()
  // Of a level without a model they would be another level's.
  const hasFigures = state.name !== 'no-model' && isReady(main)
  return (
    <div className="sparing-details">
      {hasFigures && <dl className="sparing-rows"><Figures offer={main} /></dl>}
      <Tier aria-label={text.level} />
    </div>
  )
}

function Figures({ offer }: { offer: ReadyOffer }) {
  const { offers: { levels }, wording, words, sparing: { ai, hideFigures } } = useControl()
  const { text, pays } = wording
  const { seconds, stars, provenance } = offer.estimate
  const shows = (figure: typeof hideFigures[number]) => !hideFigures.includes(figure)
  const duration = shows('seconds') && seconds ? text.seconds([seconds.low, seconds.high]) : null
  const [energy, most] = shows('energy') ? [energySpan(text, offer.estimate), lamp(wording, offer.estimate)] : []
  return (
    <>
      <Row name={text.usually}>{usualCost(wording, offer, linesFor(ai, offer.estimate), 'long')}{energy && <Spoken figure={energy} />}{duration}</Row>
      <Row name={text.most}>{mostCost(wording, offer, 'long')}{most && <Spoken figure={most} />}</Row>
      <Row name={text.comparison}>{shows('energy') && comparison(wording, offer, levels[1], words.one)}</Row>
      <Row name={text.charge}>{!pays && text.included}</Row>
      <Row name={text.rating}>{shows('stars') && stars !== null && <EnergyStars stars={stars} estimated={provenance.stars !== 'published'} />}</Row>
    </>
  )
}
