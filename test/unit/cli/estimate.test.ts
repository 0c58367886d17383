import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { keepLessons } from '../../../src/server/lessons-keeper.ts'
import { sqliteLedger } from '../../../src/server/ledger/sqlite.ts'
import { dollars, energyBeside, massBeside, span } from '../../../src/cli/figures.ts'
import type { EstimateAnswer } from '../../../src/protocol/index.ts'
import { rangeOf } from '../../../src/core/index.ts'
import type { Receipt } from '../../../src/core/index.ts'

const source = (path: string) => new URL(`../../../src/${path}`, import.meta.url)
const folder = mkdtempSync(join(tmpdir(), 'sparing-estimate-'))
afterAll(() => rmSync(folder, { recursive: true }))

writeFileSync(join(folder, 'sparing.config.mjs'), `
import { baseline, openaiCompatible } from '${source('server/index.ts').href}'
import { sqliteLedger } from '${source('server/ledger/sqlite.ts').href}'
const model = (id, dollars, billions) => ({ id, price: { input: dollars, output: 4 * dollars }, params: { active: billions, total: billions }, efforts: ['none', 'low'] })
export default {
  features: {
    summary: { task: 'summarize', baseline: 'extract', tier: 'standard', effort: 'low', maxOutputTokens: 400 },
    planned: { task: 'summarize', baseline: 'extract', tier: 'eco', mode: 'off' },
  },
  providers: [openaiCompatible({ id: 'house', baseURL: 'https://models.test/v1', apiKey: 'x', models: { eco: [model('small', 0.1, 4)], standard: [model('middle', 1, 40)] } }), baseline()],
  ledger: sqliteLedger('${join(folder, 'ledger.db')}'),
  identify() { throw new Error('Nobody asks.') },
}`)

writeFileSync(join(folder, 'rated.mjs'), `
import { openaiCompatible } from '${source('server/index.ts').href}'
export default {
  features: { summary: { task: 'summarize', baseline: 'extract', tier: 'standard', maxOutputTokens: 400 } },
  providers: [openaiCompatible({ id: 'house', baseURL: 'https://models.test/v1', apiKey: 'x', models: { eco: ['ministral-3b-2512'], standard: ['phi-4'] } })],
  identify: () => null,
}`)

async function sparing(args: readonly string[], input = 'The museum opens at nine. '.repeat(40)): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, ['--no-warnings', fileURLToPath(source('cli/main.ts')), 'estimate', ...args], { cwd: folder })
  const closed = new Promise<number>(resolve => child.on('close', code => resolve(code ?? -1)))
  child.stdin.end(input)
  const [out, err] = await Promise.all([textOf(child.stdout), textOf(child.stderr)])
  return { code: await closed, out, err }
}

describe('sparing estimate', () => {
  test('says in words what a run usually costs and costs at most, with which model and why', async () => {
    const { code, out, err } = await sparing(['--feature', 'summary'])
    expect([code, err]).toEqual([0, ''])
    expect(out.split('\n').slice(0, 2)).toEqual(['small of house, tier "eco"', 'The cheapest model of the level that was asked for.'])
    expect(out).toMatch(/^ +usually +at most$/m)
    expect(out).toMatch(/^Money +\$0\.000\d+ to \$0\.000\d+ +\$0\.000\d+/m)
    expect(out).toMatch(/^Energy +\S+ to \S+ (m?Wh) +\S+ \1 +modelled[^]*take some \S+ \1\.$/m)
    expect(out).toMatch(/^CO2e +\S+ to \S+ (m?g) +of the electricity used.*\nHardware +\S+ to \S+ \1 +CO2e of making it, modelled; in no budget$/m)
    expect(out).toMatch(/^Tokens in +\d+ to \d+$/m)
    expect(out).toMatch(/^Tokens out +60 to 260 +400 +reasoning included$/m)
    expect(out).toMatch(/Quotes from the text alone.*Wh\.\n$/)
    expect(out).not.toMatch(/NaN|undefined|null|Infinity/)
  })

  test('marks stars that nobody published', { timeout: 20_000 }, async () => {
    const stars = async (tier: string) => /^Stars.*$/m.exec((await sparing(['--feature', 'summary', '--config', 'rated.mjs', '--tier', tier])).out)?.[0]
    expect(await stars('eco')).toMatch(/^Stars +~★+ of 5 +5 is the least energy; ~ estimated by size/)
    expect(await stars('standard')).toMatch(/^Stars +★+ of 5 +5 is the least energy; published by AI Energy Score$/)
  })

  test('at a level and an effort, as the server answers it', async () => {
    const { code, out } = await sparing(['--feature', 'summary', '--tier', 'standard', '--effort', 'low', '--json'])
    expect(code).toBe(0)
    const { estimate, embodied, choice } = JSON.parse(out) as EstimateAnswer
    expect(embodied!.gco2e.high).toBeGreaterThan(0)
    expect(choice).toMatchObject({ model: 'middle', effort: 'low' })
    expect(estimate).toMatchObject({ feature: 'summary', tier: 'standard', effort: 'low', ceiling: { outputTokens: 400 } })
  })

  test('of quotes says nothing of hardware', async () => {
    const { code, out } = await sparing(['--feature', 'summary', '--tier', 'baseline'])
    expect([code, /Hardware/.test(out)]).toEqual([0, false])
  })

  test('of a feature that is not on yet', async () => {
    expect(await sparing(['--feature', 'planned'])).toMatchObject({ code: 0, err: '' })
  })

  test('by what the configured ledger has learned', async () => {
    const ledger = sqliteLedger(join(folder, 'ledger.db'))
    const lessons = keepLessons({ ledger, onError: error => { throw error } })
    const receipt = {
      status: 'completed', choice: { model: 'small', provider: 'house', tier: 'eco', effort: 'none', need: 'generate', reasons: [] },
      usage: { input: 100, cached: 0, output: 11, reasoning: 0, source: 'reported' }, cost: { usd: null, wh: null, gco2e: null },
      estimate: { tokens: { input: rangeOf(1, 2, 3), output: rangeOf(5, 10, 20) }, cost: { usd: null, wh: null, gco2e: null }, seconds: null },
    } as unknown as Receipt
    for (let run = 0; run < 40; run++) lessons.learn('planned', { receipt })
    await lessons.flush()
    await ledger.close()
    const { estimate } = JSON.parse((await sparing(['--feature', 'planned', '--json'])).out) as EstimateAnswer
    expect(estimate.tokens.output.mid).toBe(11)
  })

  test.each<[string, readonly string[], RegExp]>([
    ['no feature', [], /--feature/], ['a feature that there is not', ['--feature', 'nope'], /no feature "nope".*summary, planned/],
    ['a tier that there is not', ['--feature', 'summary', '--tier', 'huge'], /--tier.*baseline, eco/], ['an effort that there is not', ['--feature', 'summary', '--effort', 'much'], /--effort.*minimal/],
    ['a tier above the feature\'s', ['--feature', 'summary', '--tier', 'max'], /"standard" at most/], ['an option that there is not', ['--features', 'summary'], /--features/],
  ])('with %s ends with 2 and the help', async (_, args, sentence) => {
    const { code, out, err } = await sparing(args)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(sentence)
    expect(err).toContain('sparing estimate --feature F')
  })

  test('ends with 1 and a sentence where it cannot be worked out', async () => {
    const missing = await sparing(['--feature', 'summary', '--config', 'elsewhere.mjs'])
    expect([missing.code, missing.err]).toEqual([1, expect.stringContaining('There is no configuration at')])
    const long = await sparing(['--feature', 'summary'], 'word '.repeat(20_000))
    expect([long.code, long.err]).toEqual([1, expect.stringContaining('send a shorter text')])
  })
})

const energy = (wh: number, up?: boolean) => energyBeside(wh)(wh, up)

describe('figures', () => {
  test.each([
    [energy(0.000_25), '0.25 mWh'], [energy(0.0114), '0.011 Wh'], [energy(1), '1 Wh'], [energy(1_230), '1.2 kWh'], [energy(996), '1 kWh'], [energy(0.000_000_012), '0.012 µWh'], [massBeside(0.0051)(0.0051), '5.1 mg'],
    [energy(0.401, true), '0.41 Wh'], [energy(0.0041, true), '4.1 mWh'], [dollars(0.000_123), '$0.00012'], [dollars(0.000_121, true), '$0.00013'], [dollars(0), '$0'], [dollars(12.3), '$12'], [dollars(1.3), '$1.30'], [dollars(0.1 + 0.2, true), '$0.30'],
    [span(rangeOf(0.011, 0.05, 0.14), energyBeside(0.011, 0.14)), '0.011 to 0.14 Wh'], [span(rangeOf(0.000_9, 0.05, 0.14), energyBeside(0.000_9, 0.14)), '0.9 to 140 mWh'], [span(rangeOf(1, 1, 1), energyBeside(1)), '1 Wh'],
    [span(rangeOf(0.000_001, 0.5, 1), energyBeside(0.000_001, 1)), 'up to 1 Wh'], [energyBeside(0.000_018, 0.084)(0.000_018), '0.018 mWh'], [energyBeside(0.000_018, 12)(0.000_018), 'less than 0.01 Wh'],
    [span(rangeOf(0.1, 0.2, 0.3), dollars), '$0.10 to $0.30'],
  ])('%s', (shown, expected) => {
    expect(shown).toBe(expected)
  })
})
