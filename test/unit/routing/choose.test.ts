import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boundsOf, choose, evidenceKey, lowestTier, observe, offeredTiers } from '../../../src/routing/index.ts'
import type { Adequacy, AdequacyState, ChoiceDemand, ChoiceKnowledge, Outcome } from '../../../src/routing/index.ts'
import { ceilingOf, likelyInput } from '../../../src/catalog/estimate.ts'
import { effortCaps, effortFits, efforts, exactly, inputBound, lowestEffort, rangeOf, roundEffortDown, tierFits, tiers } from '../../../src/core/index.ts'
import type { Catalog, Ceiling, Effort, Mix, ReachableFeature, ReachableModel, RunInput, Task, Tier } from '../../../src/core/index.ts'

const quotes: ReachableModel = {
  id: 'extractive', provider: 'baseline', tier: 'baseline', kind: 'extractive', tasks: ['summarize', 'answer'], context: 1e6, efforts: ['none'],
  price: { input: 0, cached: 0, output: 0 }, energy: null, pace: null, stars: null, provenance: { usd: 'local', wh: 'measured' },
}
const priced = (nano: number) => ({ input: nano, cached: nano, output: nano })
const energy = (wh: number) => ({ request: exactly(0), input: exactly(0), output: exactly(wh) })
const model = (id: string, tier: Tier, change: Partial<ReachableModel> = {}): ReachableModel =>
  ({ ...quotes, id, tier, provider: 'p', kind: 'generative', tasks: null, price: priced(1_000), energy: energy(1), ...change })
const feature: ReachableFeature = {
  task: 'answer', baseline: 'search', tier: 'max', effort: 'high', maxInputTokens: 8_000, maxOutputTokens: 500,
  mode: 'offer', background: false, overhead: 300, output: rangeOf(60, 220, 500),
}
const catalogOf = (models: readonly ReachableModel[], of: ReachableFeature = feature): Catalog =>
  ({ version: '1', models, features: { f: of }, policy: { revision: 0, owner: null, pays: false, carbon: { gco2ePerWh: 0.4, zone: 'WOR', year: 2025 } } })
const demand = (change: Partial<ChoiceDemand> = {}): ChoiceDemand =>
  ({ feature: 'f', tier: 'standard', effort: 'none', need: 'generate', input: { text: 'Some text.', query: 'Which?' }, ...change })
const ranked = (models: readonly ReachableModel[], change: Partial<ChoiceDemand> = {}, of = feature) =>
  choose(demand(change), catalogOf(models, of)).map(({ model: id, effort, reasons }) => `${id} ${effort} ${reasons[0]!.code}`)

const [small, middle, large] = [model('small', 'eco'), model('middle', 'standard'), model('large', 'max')]

describe('the choice', () => {
  test('is quotes when they are asked for', () => {
    expect(ranked([quotes, small, middle], { tier: 'baseline' })).toEqual(['extractive none asked'])
    expect(ranked([small], { tier: 'baseline' })).toEqual([])
  })

  test('is quotes for a look-up, at the lowest level only', () => {
    expect(ranked([quotes, small, middle], { tier: 'eco', need: 'none' })).toEqual(['extractive none lookup'])
    expect(ranked([quotes, middle], { need: 'none' })).toEqual(['extractive none lookup'])
    expect(ranked([quotes, small, middle], { need: 'none' })[0]).toBe('middle none cheapest')
    expect(ranked([small], { tier: 'eco', need: 'none' })).toEqual(['small none cheapest'])
  })

  test.each<[string, RunInput]>([['a conversation', { messages: [{ role: 'user', content: 'Hello' }] }], ['a question by itself', { text: 'weather in Montreal' }]])('is no quotes for %s, which has nothing around it to quote', (_, input) => {
    const own = (informed: string[]) => ({ ...quotes, informed })
    expect(ranked([quotes, small], { tier: 'eco', need: 'none', input })).toEqual(['small none cheapest'])
    expect(ranked([own(['g']), small], { tier: 'eco', need: 'none', input })).toEqual(['small none cheapest'])
    expect(ranked([own(['f']), small], { tier: 'eco', need: 'none', input })).toEqual(['extractive none lookup'])
    expect(ranked([quotes, small], { tier: 'eco', need: 'none', input }, { ...feature, task: 'summarize' })).toEqual(['extractive none lookup'])
    expect(ranked([quotes, small], { tier: 'baseline', input })).toEqual(['extractive none asked'])
    const adequacy = { 'baseline/extractive': known(0.85) }
    expect(informed([quotes, small], { adequacy }, { tier: 'eco', input })[0]).toBe('small cheapest')
    expect(informed([own(['f']), small], { adequacy }, { tier: 'eco', input })[0]).toBe('extractive adequate')
  })

  test('is quotes where nothing generative is set up for the level', () => {
    expect(ranked([quotes])).toEqual(['extractive none unconfigured'])
    expect(ranked([quotes, large])).toEqual(['extractive none unconfigured'])
    expect(ranked([])).toEqual([])
    expect(ranked([{ ...quotes, tasks: ['summarize'] }])).toEqual([])
  })

  test('is the cheapest of the level, then those below', () => {
    const cheap = model('cheap', 'standard', { price: priced(10) })
    expect(ranked([large, small, middle, cheap])).toEqual(['cheap none cheapest', 'middle none cheapest', 'small none below'])
  })

  test('goes by energy where money is the same, and by name where that is too', () => {
    const frugal = model('z', 'standard', { energy: energy(0.1) })
    const unknown = model('a', 'standard', { energy: null })
    expect(ranked([unknown, middle, frugal, model('b', 'standard')])).toEqual(['z none cheapest', 'b none cheapest', 'middle none cheapest', 'a none cheapest'])
  })

  test('is never above the level, or above the feature\'s own', () => {
    expect(ranked([large, small], { tier: 'max' }, { ...feature, tier: 'standard' })).toEqual(['small none below'])
  })

  test('does what the task needs', () => {
    expect(ranked([model('coder', 'standard', { tasks: ['code'] }), small])).toEqual(['small none below'])
  })

  test('knows its price under a money limit, and its energy under an energy limit', () => {
    const free = model('unpriced', 'standard', { price: null })
    const dark = model('dark', 'standard', { energy: null })
    expect(ranked([quotes, free], { moneyLimited: true })).toEqual(['extractive none unconfigured'])
    expect(ranked([free], {})).toEqual(['unpriced none cheapest'])
    expect(ranked([free, dark, small], { moneyLimited: true, energyLimited: true })).toEqual(['small none below'])
    expect(offeredTiers(feature, catalogOf([free, large]), { moneyLimited: true })).toEqual(['max'])
  })

  describe('with a long text', () => {
    const input = { text: 'The lease of the hall ends in May. '.repeat(400) }
    const tokens = likelyInput({ input }, feature)
    const holds = (id: string, tier: Tier, context: number | null) => model(id, tier, { context })
    const tight = tokens.high + feature.maxOutputTokens

    test('can hold what it likely is at most and what may be written, though its bytes would not fit', () => {
      expect(inputBound(input, feature.overhead)).toBeGreaterThan(3 * tokens.high)
      expect(ranked([holds('exact', 'standard', tight)], { input })).toEqual(['exact none cheapest'])
      expect(ranked([holds('less', 'standard', tight - 1), holds('more', 'eco', tight)], { input })).toEqual(['more none below'])
      expect(ranked([holds('less', 'standard', tight - 1)])).toEqual(['less none cheapest'])
    })

    test('may have one of which nobody knows what it holds', () => {
      expect(ranked([holds('unknown', 'standard', null), holds('small', 'standard', 2_000)], { input })).toEqual(['unknown none cheapest'])
    })

    test('goes by the count of the model\'s own tokeniser, which is asked where it matters only', () => {
      const models = [holds('small', 'standard', 3_000), holds('large', 'standard', 1e6), holds('tiny', 'standard', 1_000)]
      const asked: string[] = []
      const counted = (id: string) => { asked.push(id); return id === 'small' ? 2_000 : null }
      expect(choose(demand({ input }), catalogOf(models), { counted }).map(({ model: id }) => id)).toEqual(['large', 'small'])
      expect(asked).toEqual(['small', 'tiny'])
    })

    test('is none where nothing can hold it, which is told apart from nothing being set up', () => {
      const [small, large] = [holds('small', 'eco', 2_000), holds('large', 'standard', 1e6)]
      expect(ranked([quotes, small, large], { input, tier: 'eco' })).toEqual([])
      expect(offeredTiers(feature, catalogOf([quotes, small, large]))).toEqual(['eco', 'standard'])
      expect(ranked([quotes, large], { input, tier: 'eco' })).toEqual(['extractive none unconfigured'])
    })

    test('is by default of the lowest level that can hold it, and a look-up there and below is quotes', () => {
      const catalog = catalogOf([quotes, holds('small', 'eco', 2_000), holds('large', 'standard', 1e6), holds('larger', 'max', 1e6)])
      expect([lowestTier(feature, catalog), lowestTier(feature, catalog, {}, { text: '' }), lowestTier(feature, catalog, {}, input)]).toEqual(['eco', 'eco', 'standard'])
      expect(lowestTier(feature, catalogOf([holds('small', 'eco', 2_000)]), {}, input)).toBe('eco')
      expect(offeredTiers(feature, catalog)).toEqual(['eco', 'standard', 'max'])
      const lookUp = (tier: Tier) => choose(demand({ tier, need: 'none', input: { ...input, query: 'lease end' } }), catalog)[0]?.model
      expect([lookUp('eco'), lookUp('standard'), lookUp('max')]).toEqual(['extractive', 'extractive', 'larger'])
    })

    test('is not offered by what has no room for any', () => {
      const catalog = catalogOf([holds('small', 'eco', feature.maxOutputTokens), holds('large', 'standard', 1e6)])
      expect([offeredTiers(feature, catalog), lowestTier(feature, catalog)]).toEqual([['standard'], 'standard'])
    })
  })

  test('thinks only as much as was asked for, rounded down to what the model can', () => {
    const thinker = model('thinker', 'max', { efforts: ['none', 'low', 'high'] })
    const effort = (wanted: Effort, of = feature) => choose(demand({ tier: 'max', effort: wanted }), catalogOf([thinker], of))[0]!.effort
    expect(efforts.map(each => effort(each))).toEqual(['none', 'none', 'low', 'low', 'high', 'high'])
    expect(effort('high', { ...feature, effort: 'low' })).toBe('low')
    expect(ranked([{ ...thinker, tier: 'standard' }], { effort: 'high' })).toEqual(['thinker low cheapest'])
    expect(ranked([{ ...thinker, tier: 'eco' }], { tier: 'eco', effort: 'high' })).toEqual(['thinker none cheapest'])
  })

  test('is of two the one that can stop thinking, and says so when none can', () => {
    const always = model('always', 'standard', { price: priced(1), efforts: ['low', 'high'] })
    expect(ranked([always, middle])).toEqual(['middle none cheapest', 'always low thinks'])
    expect(ranked([always])).toEqual(['always low thinks'])
    expect(ranked([always], { effort: 'low' })).toEqual(['always low cheapest'])
  })

  test('is one of a lower level that can stop thinking before one that cannot, and says why', () => {
    const always = model('always', 'standard', { efforts: ['high'] })
    const other = model('other', 'standard', { efforts: ['low', 'high'] })
    expect(ranked([always, small])).toEqual(['small none plain', 'always high thinks'])
    expect(ranked([always, other, small])).toEqual(['small none plain', 'always high thinks', 'other low thinks'])
    expect(ranked([always, small, middle])).toEqual(['middle none cheapest', 'small none below', 'always high thinks'])
    expect(ranked([other, small], { effort: 'low' })).toEqual(['other low cheapest', 'small none below'])
    // Asked for is a level, and no more: what cannot be paid is no better for not thinking.
    const choices = choose(demand(), catalogOf([always, { ...small, price: priced(1e12) }]), { available: { usd: 0.001 } })
    expect(choices.map(({ model: id, reasons }) => `${id} ${reasons[0]!.code}`)).toEqual(['always thinks', 'small below'])
  })

  test('of a feature that nobody declared is none', () => {
    expect(ranked([small], { feature: 'nothing' })).toEqual([])
    expect(ranked([small], { feature: 'constructor' })).toEqual([])
  })
})

test('the levels of a feature are those that are set up for it', () => {
  const { tier: _, ...rest } = feature
  const of = (most: ReachableFeature['tier']) => ({ ...rest, tier: most })
  expect(offeredTiers(of('max'), catalogOf([large, quotes, small]))).toEqual(['eco', 'max'])
  expect(offeredTiers(of('standard'), catalogOf([large, small]))).toEqual(['eco'])
  expect(lowestTier(of('eco'), catalogOf([large, quotes]))).toBeNull()
})

/** Of so many dollars per million tokens, and no energy to speak of. */
const costing = (usd: number) => ({ price: priced(usd * 1e9), energy: energy(0) })
/** What is known of a model by so many outcomes. */
const known = (low: number, mid = low + 0.05, evidence = 100): Adequacy => ({ low, mid, high: Math.min(1, mid + 0.05), evidence })
const key = (id: string, effort: Effort = 'none') => evidenceKey({ provider: 'p', model: id, effort })
const keyed = <T>(values: Record<string, T>) => Object.fromEntries(Object.entries(values).map(([id, value]) => [key(id), value]))
const informed = (models: readonly ReachableModel[], knowledge: ChoiceKnowledge, change: Partial<ChoiceDemand> = {}, of: ReachableFeature = feature) =>
  choose(demand({ tier: 'max', ...change }), catalogOf(models, of), knowledge).map(({ model: id, reasons }) => `${id} ${reasons.map(({ code }) => code).join(' ')}`)

describe('with outcomes', () => {
  const [eco, standard, max] = [model('small', 'eco', costing(0.1)), model('middle', 'standard', costing(1)), model('large', 'max', costing(10))]
  const all = [eco, standard, max]
  const learned = (adequacy: Record<string, Adequacy>, more: ChoiceKnowledge = {}) => ({ adequacy: keyed(adequacy), ...more })

  test('the cheapest that is known to be good enough serves, also from below the level asked for', () => {
    expect(informed(all, learned({ small: known(0.7), middle: known(0.85), large: known(0.9) }))).toEqual(['middle adequate', 'large adequate', 'small below'])
    expect(informed(all, learned({ small: known(0.81), middle: known(0.85), large: known(0.9) }))[0]).toBe('small adequate')
  })

  test('the bar is the feature\'s', () => {
    const adequacy = learned({ small: known(0.7), middle: known(0.85), large: known(0.92) })
    expect(informed(all, adequacy, {}, { ...feature, adequate: 0.6 })[0]).toBe('small adequate')
    expect(informed(all, adequacy, {}, { ...feature, adequate: 0.9 })[0]).toBe('large adequate')
  })

  test('without any, who asks for a level gets a model of it', () => {
    expect(informed(all, {})).toEqual(['large cheapest', 'middle below', 'small below'])
    expect(informed(all, { adequacy: boundsOf({}, keyed({ small: 0.95, middle: 0.6, large: 0.9 }), 0) })[0]).toBe('large cheapest')
  })

  test('a few are no knowledge', () => {
    expect(informed(all, learned({ small: known(0.9, 0.95, 5) }))[0]).toBe('large cheapest')
  })

  test('where none is good enough, the most adequate serves as far as it is worth its cost', () => {
    const known3 = learned({ small: known(0.5, 0.6), middle: known(0.6, 0.66), large: known(0.6, 0.69) })
    expect(informed(all, known3)).toEqual(['middle nearest', 'large cheapest', 'small below'])
    expect(informed(all, { ...known3, worth: 0 })[0]).toBe('large nearest')
    expect(informed(all, { ...known3, worth: 0.1 })[0]).toBe('small nearest')
    expect(informed(all, learned({ small: known(0.1, 0.2), large: known(0.5, 0.6) }))[0]).toBe('large nearest')
  })

  test('is for the feature\'s own level at most', () => {
    expect(informed(all, learned({ large: known(0.99) }), { tier: 'standard' }).join()).not.toContain('large')
  })

  test('difficulty breaks ties and decides nothing else', () => {
    const close = learned({ small: known(0.81), large: known(0.9) })
    expect(informed(all, close, { difficulty: 0 })[0]).toBe('small adequate')
    expect(informed(all, close, { difficulty: 1 })[0]).toBe('large adequate')
    for (const difficulty of [0, 0.5, 1]) {
      expect(informed(all, learned({ small: known(0.9), large: known(0.95) }), { difficulty })[0]).toBe('small adequate')
      expect(informed(all, learned({ small: known(0.6), large: known(0.95) }), { difficulty })[0]).toBe('large adequate')
    }
  })

  test('difficulty is the question\'s own unless it is given, and never lowers the bar', () => {
    const query = 'If each of the 12 crates holds twice as many tins as the one before, how many tins are there after 3 more days? '.repeat(12)
    const close = learned({ small: known(0.805), large: known(0.9) })
    expect(informed(all, close, { input: { text: '', query: 'Which?' } })[0]).toBe('small adequate')
    expect(informed(all, close, { input: { text: '', query } })[0]).toBe('large adequate')
    expect(informed(all, learned({ small: known(0.795), large: known(0.9) }), { difficulty: 0 })[0]).toBe('large adequate')
  })

  test('what the catalog says of mix and trials counts, unless it is given', () => {
    const [thrifty, frugal] = [model('thrifty', 'max', { price: priced(1_000), energy: energy(9) }), model('frugal', 'max', { price: priced(9_000), energy: energy(1) })]
    const chosen = (mix?: Mix, given: ChoiceKnowledge = {}) => {
      const catalog = catalogOf([thrifty, frugal])
      return choose(demand({ tier: 'max' }), { ...catalog, policy: { ...catalog.policy, ...mix && { mix } } }, given)[0]!.model
    }
    const [money, power] = [{ usd: 1, wh: 0 }, { usd: 0, wh: 1 }]
    expect([chosen(money), chosen(power), chosen(money, { mix: power })]).toEqual(['thrifty', 'frugal', 'frugal'])
  })

  test('quotes that people find good enough serve the lowest level, and no higher one', () => {
    const adequacy = { 'baseline/extractive': known(0.85), ...keyed({ large: known(0.9) }) }
    expect(informed([quotes, ...all], { adequacy }, { tier: 'eco' })[0]).toBe('extractive adequate')
    expect(informed([quotes, ...all], { adequacy })[0]).toBe('large adequate')
    expect(informed([quotes, ...all], { adequacy: { 'baseline/extractive': known(0.7) } }, { tier: 'eco' })[0]).toBe('small cheapest')
  })

  test('what is known of a model that thinks says nothing of it when it does not', () => {
    const thinker = model('thinker', 'standard', { efforts: ['none', 'low'], ...costing(0.01) })
    const adequacy = { [key('thinker', 'low')]: known(0.9), [key('large')]: known(0.9) }
    expect(informed([thinker, max], { adequacy })[0]).toBe('large adequate')
    expect(informed([thinker, max], { adequacy }, { effort: 'low' })[0]).toBe('thinker adequate')
  })

  test('a model that cannot stop thinking is avoided, however good it is', () => {
    const always = model('always', 'max', { efforts: ['high'], ...costing(0.01) })
    const adequacy = { [key('always', 'high')]: known(0.99), [key('large')]: known(0.81) }
    expect(informed([always, max], { adequacy })[0]).toBe('large adequate')
    expect(informed([always], { adequacy })).toEqual(['always thinks adequate'])
  })
})

describe('what is dominated', () => {
  const cheap = model('cheap', 'standard', costing(0.1))
  const dear = model('dear', 'max', costing(1))

  test('by strength comes last, also when it is of the level asked for', () => {
    expect(informed([cheap, dear], { strengths: keyed({ cheap: 0.8, dear: 0.8 }) })).toEqual(['cheap spared', 'dear cheapest'])
    expect(informed([cheap, dear], { strengths: keyed({ cheap: 0.7, dear: 0.8 }) })[0]).toBe('dear cheapest')
    expect(informed([cheap, dear], { strengths: keyed({ cheap: null, dear: 0.8 }) })[0]).toBe('dear cheapest')
  })

  test('by outcomes comes last, whatever its strength', () => {
    const strengths = keyed({ cheap: 0.5, dear: 0.9 })
    expect(informed([cheap, dear], { strengths, adequacy: keyed({ cheap: known(0.5), dear: known(0.45) }) })[0]).toBe('cheap nearest')
  })

  test('by one that costs the same and is stronger comes last, by strength or by outcomes', () => {
    const [weak, strong] = [model('a weak one', 'standard', costing(1)), model('b strong one', 'standard', costing(1))]
    const [large, small] = [model('large', 'max', costing(1)), model('small', 'eco', costing(0.01))]
    const strengths = keyed({ [weak.id]: 0.3, [strong.id]: 0.9, large: 0.8, small: 0.2 })
    expect(informed([weak, strong], { strengths })).toEqual(['b strong one below', 'a weak one below'])
    expect(informed([weak, strong, large, small], { strengths })).toEqual(['b strong one spared', 'small below', 'large cheapest', 'a weak one below'])
    expect(informed([weak, strong], { strengths, adequacy: keyed({ [weak.id]: known(0.7), [strong.id]: known(0.5) }) })[0]).toBe('a weak one nearest')
    expect(informed([weak, strong], { strengths, adequacy: keyed({ [weak.id]: known(0.82), [strong.id]: known(0.9) }) })[0]).toBe('b strong one adequate')
  })

  test('of what costs the same is the weaker, also where nobody knows what that is', () => {
    const dark = (id: string) => model(id, 'standard', { price: priced(1), energy: null })
    expect(informed([dark('a'), dark('b'), dark('c')], { strengths: keyed({ a: 0.3, b: 0.9, c: null }) }).map(each => each[0])).toEqual(['b', 'a', 'c'])
  })

  test('is not what outcomes show to be good, whatever the strengths', () => {
    expect(informed([cheap, dear], { strengths: keyed({ cheap: 0.9, dear: 0.5 }), adequacy: keyed({ dear: known(0.9) }) })[0]).toBe('dear adequate')
  })

  test('is not what nobody has judged, by one that people refuse, whatever the strengths', () => {
    const [strengths, few] = [keyed({ cheap: 0.8, dear: 0.75 }), { low: 0.1, mid: 0.6, high: 0.8, evidence: 9 }]
    const order = (low: number) => informed([cheap, { ...dear, tier: 'standard' }], { strengths, adequacy: keyed({ cheap: known(low), dear: few }) })
    expect(order(0.1)).toEqual(['dear unjudged', 'cheap below'])
    expect(order(0.45)).toEqual(['dear unjudged', 'cheap below'])
    expect(order(0.55)).toEqual(['cheap nearest', 'dear below'])
    expect(order(0.85)).toEqual(['cheap adequate', 'dear below'])
  })

  test('by one that thinks too much is not', () => {
    const always = model('always', 'standard', { ...costing(0.01), efforts: ['high'] })
    expect(informed([always, dear], { strengths: { [key('always', 'high')]: 0.9, [key('dear')]: 0.5 } })[0]).toBe('dear cheapest')
  })
})

describe('with strengths the wrong way round', () => {
  const [cheap, dear] = [model('cheap', 'standard', costing(0.1)), model('dear', 'standard', costing(0.3))]
  const strengths = keyed({ cheap: 0.8, dear: 0.75 })
  const draws = Array.from({ length: 1_000 }, (_, i) => i / 1_000)
  const firsts = (state: AdequacyState, change: ChoiceKnowledge = {}) =>
    Map.groupBy(draws.map(draw => informed([cheap, dear], { strengths, adequacy: boundsOf(state, strengths, 0), draw, ...change }, { tier: 'standard' })[0]!), each => each)
  const after = (count: number, outcome: Outcome) =>
    Array.from({ length: count }, (_, i) => i).reduce<AdequacyState>((state, i) => observe(state, { key: key('cheap'), person: `person ${i}`, outcome }, 0), {})

  test('a model that people refuse is left for the next, at its price', () => {
    expect([...firsts({}).keys()]).toEqual(['cheap cheapest'])
    expect([...firsts(after(400, { kind: 'escalated' })).keys()]).toEqual(['dear unjudged'])
    const below = ceilingOf(feature, cheap, demand().input)
    expect([...firsts(after(400, { kind: 'escalated' }), { ceiling: below }).keys()]).toEqual(['dear unjudged'])
    expect([...firsts(after(400, { kind: 'rated', rating: 0.3 })).keys()]).toEqual(['dear unjudged'])
  })

  test('a model that people take serves as before', () => {
    expect([...firsts(after(400, { kind: 'rated', rating: 0.95 })).keys()]).toEqual(['cheap adequate'])
  })

  test.each([[0.3, 0.9, 'dear'], [0.3, 0.5, 'dear'], [0.9, 0.95, 'cheap'], [0.5, 0.1, 'cheap']])('where %d and %d of the answers are good, traffic ends at %s', (ofCheap, ofDear, best) => {
    let state: AdequacyState = {}
    const served: string[] = []
    for (let run = 0; run < 600; run++) {
      const adequacy = boundsOf(state, strengths, 0)
      // As a page shows it and a person agrees to it: what is tried is no dearer.
      const shown = choose(demand(), catalogOf([cheap, dear]), { adequacy, strengths })[0]!
      const ceiling = ceilingOf(feature, shown.reachable, demand().input)
      const { model: id } = choose(demand(), catalogOf([cheap, dear]), { adequacy, strengths, ceiling, draw: run * 0.618 % 1 })[0]!
      const isGood = run * 0.414 % 1 < (id === 'cheap' ? ofCheap : ofDear)
      state = observe(state, { key: key(id), person: `person ${run}`, outcome: { kind: 'rated', rating: Number(isGood) } }, 0)
      served.push(id)
    }
    expect(served.slice(-200).filter(id => id === best).length).toBeGreaterThan(190)
  })
})

describe('costs', () => {
  // Of 500 tokens out and fewer than as many in: less than a tenth of a cent and 25 Wh; less than a fifth of a cent and half a Wh.
  const hungry = model('hungry', 'standard', { price: priced(1e9), energy: energy(50) })
  const dearer = model('dearer', 'standard', { price: priced(2e9), energy: energy(1) })

  test('are money and energy mixed', () => {
    expect(ranked([hungry, dearer])[0]).toBe('dearer none cheapest')
    expect(informed([hungry, dearer], { mix: { usd: 1, wh: 0 } })[0]).toBe('hungry below')
    expect(informed([model('dark', 'max', { energy: null }), model('large', 'max', costing(1))], { mix: { usd: 1, wh: 0 } })[0]).toBe('dark cheapest')
  })

  test('beyond what is left of a budget come last', () => {
    const knowledge = { adequacy: keyed({ hungry: known(0.9), dearer: known(0.95) }), mix: { usd: 1, wh: 0 } }
    expect(informed([hungry, dearer], knowledge)).toEqual(['hungry adequate', 'dearer adequate'])
    expect(informed([hungry, dearer], { ...knowledge, available: { wh: 10 } })).toEqual(['dearer adequate', 'hungry below'])
    expect(informed([hungry, dearer], { ...knowledge, available: { usd: 0.0015 } })).toEqual(['hungry adequate', 'dearer below'])
    expect(informed([small, model('large', 'max', costing(10))], { available: { usd: 0.001 } })).toEqual(['small spared', 'large cheapest'])
    expect(informed([hungry, dearer], { available: { usd: 0 } })).toHaveLength(2)
  })
})

describe('a model out of order', () => {
  const until = (time: number) => ({ outOfOrder: keyed({ middle: time }), now: 100 })

  test('is left out until its time is over', () => {
    expect(informed([small, middle], until(101))).toEqual(['small below'])
    expect(informed([small, middle], until(100))).toEqual(['middle below', 'small below'])
  })

  test('leaves quotes when it was the only one, and nothing when there are none', () => {
    expect(informed([quotes, middle], until(101))).toEqual(['extractive down'])
    expect(informed([middle], until(101))).toEqual([])
    expect(informed([quotes, middle], until(101), { input: { text: 'Hello' } })).toEqual([])
  })
})

describe('trials', () => {
  const [eco, max] = [model('small', 'eco', costing(0.1)), model('large', 'max', costing(10))]
  const agreed = { usd: 1, wh: 1_000, outputTokens: 500 }
  const draws = Array.from({ length: 1_000 }, (_, i) => i / 1_000)
  const firsts = (knowledge: ChoiceKnowledge, models: readonly ReachableModel[] = [eco, max]) => draws.map(draw => informed(models, { ...knowledge, draw })[0])
  const tried = (knowledge: ChoiceKnowledge, models?: readonly ReachableModel[]) => firsts(knowledge, models).filter(each => each!.endsWith('trial'))

  test('are a quarter of the runs, or the share that was set, and say so', () => {
    expect(tried({})).toEqual(Array.from({ length: 250 }, () => 'small trial'))
    expect(tried({ explore: 0.05 })).toHaveLength(50)
    expect(tried({ explore: 0 })).toHaveLength(0)
    expect(firsts({}).filter(each => each === 'large cheapest')).toHaveLength(750)
  })

  test('are none without a draw', () => {
    expect(informed([eco, max], {})[0]).toBe('large cheapest')
  })

  test('share their share', () => {
    const models = [eco, model('tiny', 'eco', costing(0.05)), max]
    const counts = Map.groupBy(tried({}, models), each => each!)
    expect([...counts.values()].map(each => each.length)).toEqual([125, 125])
  })

  test('are of nothing above what the person agreed to', () => {
    const adequacy = keyed({ small: known(0.2) })
    const trialsOf = (ceiling: Ceiling) => tried({ adequacy, ceiling }, [eco, model('middle', 'standard', costing(1)), max])
    expect(trialsOf(agreed)).toContain('middle trial')
    expect(trialsOf({ ...agreed, usd: 0.000_1 })).not.toContain('middle trial')
    expect(tried({ ceiling: agreed })).toHaveLength(250)
    expect(tried({ ceiling: { ...agreed, usd: 0.000_01 } })).toEqual([])
  })

  test('are of nothing that this person can teach nothing of', () => {
    const standard = model('middle', 'standard', costing(1))
    expect(new Set(tried({ teaches: id => id !== key('small') }, [eco, standard, max]))).toEqual(new Set(['middle trial']))
    expect(tried({ teaches: () => false }, [eco, standard, max])).toEqual([])
  })

  test('end when enough is known, or when it is clear that nothing is to be gained', () => {
    expect(tried({ adequacy: keyed({ small: known(0.6, 0.7, 24) }) }).length).toBe(250)
    expect(tried({ adequacy: keyed({ small: known(0.6, 0.7, 25), large: known(0.6, 0.75, 25) }) })).toEqual([])
    expect(tried({ adequacy: keyed({ small: known(0.1, 0.2, 12), large: known(0.9) }) })).toEqual([])
    expect(tried({ adequacy: keyed({ small: known(0.9) }) })).toEqual([])
  })

  test('find a cheaper model that is good enough, and one user\'s word does not', () => {
    const strengths = keyed({ small: 0.6, large: 0.9 })
    const after = (personOf: (run: number) => string) => {
      let state: AdequacyState = {}
      for (let run = 0; run < 600; run++) {
        const adequacy = boundsOf(state, strengths, 0)
        const { model: id } = choose(demand({ tier: 'max' }), catalogOf([eco, max]), { adequacy, strengths, draw: run * 0.618 % 1 })[0]!
        state = observe(state, { key: key(id), person: personOf(run), outcome: { kind: 'rated', rating: 1 } }, 0)
      }
      return informed([eco, max], { adequacy: boundsOf(state, strengths, 0), strengths })[0]
    }
    expect(after(run => `person ${run}`)).toBe('small adequate')
    expect(after(() => 'one')).toBe('large cheapest')
  })
})

describe('whatever is set up', () => {
  const anyModel = fc.record({
    name: fc.string({ minLength: 1, maxLength: 8 }), tier: fc.constantFrom<Tier>('eco', 'standard', 'max'),
    // Many cost the same.
    price: fc.option(fc.oneof(fc.nat(1_000), fc.nat(1)).map(each => priced(each * 1_000_000))), energy: fc.option(fc.oneof(fc.nat(100), fc.nat(1)).map(energy)),
    efforts: fc.subarray([...efforts], { minLength: 1 }), tasks: fc.option(fc.subarray<Task>(['answer', 'code'])),
  }).map(({ name, tier, ...change }) => model(name, tier, change))
  const anyModels = fc.uniqueArray(anyModel, { maxLength: 8, selector: ({ id }) => id })
  const anyDemand = fc.record({
    tier: fc.constantFrom(...tiers), effort: fc.constantFrom(...efforts), need: fc.constantFrom('none', 'generate', 'reason'),
    moneyLimited: fc.boolean(), energyLimited: fc.boolean(),
  })

  test('nothing is above what was asked, nothing limited is unknown, and the order of the catalog does not matter', () => {
    fc.assert(fc.property(anyModels, anyDemand, fc.boolean(), (models, asked, withQuotes) => {
      const all = withQuotes ? [quotes, ...models] : models
      const choices = choose(demand(asked), catalogOf(all))
      for (const { reachable, tier, effort, reasons } of choices) {
        expect(tierFits(tier, asked.tier)).toBe(true)
        expect(reachable.kind === 'extractive' || !(asked.moneyLimited && reachable.price === null || asked.energyLimited && reachable.energy === null)).toBe(true)
        expect(reachable.efforts).toContain(effort)
        expect(reasons[0]!.code === 'thinks' || effortFits(effort, lowestEffort(asked.effort, feature.effort, effortCaps[asked.tier]))).toBe(true)
      }
      const ids = (list: typeof choices) => list.map(each => each.model)
      expect(ids(choose(demand(asked), catalogOf(all.toReversed())))).toEqual(ids(choices))
      expect(new Set(ids(choices)).size).toBe(choices.length)
    }), { numRuns: 500 })
  })

  const anyAdequacy = fc.record({ low: fc.double({ min: 0, max: 1, noNaN: true }), evidence: fc.nat(60) }).map(({ low, evidence }) => ({ low, mid: (1 + low) / 2, high: 1, evidence }))
  const anyKnowledge = fc.record({
    adequacy: fc.array(anyAdequacy, { minLength: 8, maxLength: 8 }), strengths: fc.array(fc.option(fc.double({ min: 0, max: 1, noNaN: true })), { minLength: 8, maxLength: 8 }),
    down: fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), draw: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), usd: fc.double({ min: 0, max: 0.001, noNaN: true }),
  })

  test('and known, the bounds hold too; nothing is lost, nothing out of order chosen, nothing dominated first', () => {
    fc.assert(fc.property(anyModels, anyDemand, anyKnowledge, (models, asked, { draw, ...all }) => {
      const wanted = lowestEffort(asked.effort, feature.effort, effortCaps[asked.tier])
      const keyOf = (each: ReachableModel) => evidenceKey({ provider: each.provider, model: each.id, effort: roundEffortDown(wanted, each.efforts) })
      const of = <T>(values: readonly T[]) => Object.fromEntries(models.map((each, i) => [keyOf(each), values[i]!]))
      const outOfOrder = Object.fromEntries(models.map((each, i) => [key(each.id), all.down[i] ? 10 : 0]))
      const knowledge: ChoiceKnowledge = { adequacy: of(all.adequacy), strengths: of(all.strengths), outOfOrder, now: 5, draw, ceiling: { usd: all.usd, wh: 1, outputTokens: 500 } }
      const choices = choose(demand(asked), catalogOf(models), knowledge)
      const able = choose(demand(asked), catalogOf(models)).map(each => each.model).filter(id => outOfOrder[key(id)] === 0)
      expect(choices.map(each => each.model).toSorted()).toEqual(able.toSorted())
      for (const { tier, effort, reasons } of choices) {
        expect(tierFits(tier, asked.tier)).toBe(true)
        expect(reasons[0]!.code === 'thinks' || effortFits(effort, wanted)).toBe(true)
      }
      const [first] = choices
      if (!first) return
      const { adequacy, strengths } = knowledge as Required<ChoiceKnowledge>
      const dominated = choices.some(({ reachable: other, reasons }) => {
        const [one, two] = [keyOf(other), keyOf(first.reachable)]
        if (reasons[0]!.code === 'thinks' || !isNoWeaker(one, two, adequacy, strengths)) return false
        return cheaper(other, first.reachable) || (sameCost(other, first.reachable) && !isNoWeaker(two, one, adequacy, strengths))
      })
      expect(dominated).toBe(false)
      const isTrial = first.reasons.some(({ code }) => code === 'trial')
      const { usd } = ceilingOf(feature, first.reachable, demand().input)
      expect(isTrial && (draw >= 0.25 || adequacy[keyOf(first.reachable)]!.evidence >= 25 || usd === null || usd > all.usd)).toBe(false)
    }), { numRuns: 1_000 })
  })

  const costOf = (each: ReachableModel) => { const { usd, wh } = ceilingOf(feature, each, demand().input); return (usd ?? Infinity) + 0.001 * (wh ?? Infinity) }
  const cheaper = (one: ReachableModel, other: ReachableModel) => costOf(one) < costOf(other) && costOf(other) < Infinity
  const sameCost = (one: ReachableModel, other: ReachableModel) => costOf(one) === costOf(other) && costOf(other) < Infinity
  const isNoWeaker = (one: string, other: string, adequacy: Readonly<Record<string, Adequacy>>, strengths: Readonly<Record<string, number | null>>) => {
    const [a, b] = [adequacy[one]!, adequacy[other]!]
    if (a.evidence >= 10 && b.evidence >= 10) return a.low >= b.low && a.mid >= b.mid
    return b.evidence < 10 && strengths[one] != null && strengths[other] != null && strengths[one] >= strengths[other] && (a.evidence < 10 || a.mid >= b.high)
  }
})
