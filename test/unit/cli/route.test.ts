import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { route } from '../../../src/cli/route.ts'
import { efforts, tiers } from '../../../src/core/index.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sparing-route-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Outcome {
  readonly code: number | null
  readonly answers: Array<Record<string, unknown>>
  readonly errors: string
}

/** The command as people run it. */
function sparing(args: readonly string[], input: string): Promise<Outcome> {
  const child = spawn(process.execPath, [join(root, 'src/cli/main.ts'), 'route', ...args], { cwd: root })
  let [output, errors] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => { output += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { errors += text })
  child.stdin.end(input)
  return new Promise(resolve => child.once('close', code =>
    resolve({ code, errors, answers: output.startsWith('{') ? output.trim().split('\n').map(line => JSON.parse(line) as Record<string, unknown>) : [] })))
}

const linesFrom = (...values: readonly unknown[]) => values.map(value => `${typeof value === 'string' ? value : JSON.stringify(value)}\n`).join('')

describe('sparing route --jsonl', { timeout: 30_000 }, () => {
  test('answers each line with its needs, a level and a model', async () => {
    const { code, answers, errors } = await sparing(['--jsonl', '--stats'], linesFrom(
      { text: 'weather in Perth' },
      { prompt: 'Write a letter to my aunt' },
      { messages: [{ role: 'system', content: 'Prove everything.' }, { role: 'user', content: 'hi' }, { role: 'assistant', content: 'Hello.' }, { role: 'user', content: [{ type: 'text', text: 'Prove that the sum of two even numbers is even.' }] }] },
    ))
    expect(code).toBe(0)
    expect(answers.map(({ tier, effort }) => [tier, effort])).toEqual([['baseline', 'none'], ['eco', 'none'], ['standard', 'low']])
    expect(errors).toMatch(/^3 lines in [\d.]+ s: \d+ lines a second\.\n$/)
    for (const { need, difficulty, tier, effort, model, reasons } of answers) {
      expect(Object.values(need as Record<string, number>).reduce((sum, chance) => sum + chance, 0)).toBeCloseTo(1, 2)
      expect(difficulty).toBeGreaterThan(0)
      expect(tiers).toContain(tier)
      expect(efforts).toContain(effort)
      expect(model).toEqual(expect.any(String))
      expect(reasons).toEqual(expect.arrayContaining([{ code: expect.stringMatching(/^need-/), text: expect.any(String) }]))
    }
  })

  test('names lines that it cannot read, and goes on', async () => {
    const { code, answers, errors } = await sparing(['--jsonl'], linesFrom('nonsense', '', { text: 5 }, [], 'null', { messages: [] }, { messages: [null] }, { messages: [{ role: 'user', content: 3 }] }, { text: 'opening hours' }))
    expect(code).toBe(0)
    expect(answers.map(({ line }) => line)).toEqual([1, 3, 4, 5, 6, 7, 8, undefined])
    expect(answers.slice(0, -1).every(({ error, line }) => String(error).startsWith(`Line ${String(line)} `))).toBe(true)
    expect(answers.at(-1)).toMatchObject({ tier: 'baseline' })
    expect(errors).toMatch(/^7 of 8 lines could not be read; .*\.\n$/)
  })

  test('ends with 1 where it can read none', async () => {
    const { code, answers, errors } = await sparing(['--jsonl'], linesFrom('nonsense', '', 'null'))
    expect({ code, lines: answers.length }).toEqual({ code: 1, lines: 2 })
    expect(errors).toMatch(/^2 of 2 lines could not be read/)
    expect((await sparing(['--jsonl'], '')).code).toBe(0)
  })

  test('reads past the mark of an encoding, and messages with nothing in them', async () => {
    const { code, answers, errors } = await sparing(['--jsonl'], `\uFEFF${linesFrom({ text: 'opening hours' }, { messages: [{ role: 'user', content: 'Look.' }, { role: 'assistant', content: null }, { role: 'user', content: 'Write a poem.' }] })}`)
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(answers.map(({ tier }) => tier)).toEqual(['baseline', 'eco'])
  })

  test('takes nothing that follows an answer for a look-up', async () => {
    const turn = (content: string) => ({ messages: [{ role: 'user', content: 'Write a poem.' }, { role: 'assistant', content: 'The sea is wide.' }, { role: 'user', content }] })
    const { answers } = await sparing(['--jsonl'], linesFrom(...['shorter', 'in German', 'go on', 'yes please', 'do it again'].map(turn)))
    expect(answers.map(({ tier, need }) => [tier, (need as { none: number }).none])).toEqual(Array.from({ length: 5 }, () => ['eco', 0]))
    expect(answers[0]!['reasons']).toContainEqual(expect.objectContaining({ code: 'need-follow-up' }))
  })

  test('suggests among the models of a configuration', async () => {
    const config = join(folder, 'own.config.mjs')
    const model = (id: string, tier: string, usd: number, canThink: boolean) => ({
      id, provider: 'own', tier, kind: 'generative', tasks: null, context: 8_000, efforts: canThink ? ['none', 'low', 'high'] : ['none'],
      price: { input: usd, cached: usd, output: usd }, energy: null, pace: null, stars: null, provenance: { usd: 'measured', wh: 'unknown' },
    })
    const models = [model('dear', 'eco', 9, false), model('cheap', 'eco', 1, false), model('plain', 'standard', 2, false), model('thinker', 'standard', 5, true)]
    writeFileSync(config, `export default { features: {}, providers: [{ id: 'own', models: ${JSON.stringify(models)} }] }`)
    const { answers } = await sparing(['--jsonl', '--config', config], linesFrom({ text: 'weather in Perth' }, { text: 'Write a letter to my aunt' }, { text: 'Prove that 2 is prime' }))
    // Nothing can quote here, so that a look-up is served by the cheapest there is.
    expect(answers.map(({ tier, effort, model }) => [tier, effort, model])).toEqual([['eco', 'none', 'cheap'], ['eco', 'none', 'cheap'], ['standard', 'low', 'thinker']])
  })

  test('refuses what it was not asked right', async () => {
    expect((await sparing([], '')).code).toBe(2)
    expect((await sparing(['--jsonl', '--fast'], '')).code).toBe(2)
    const missing = await sparing(['--jsonl', '--config', join(folder, 'none.mjs')], '')
    expect([missing.code, missing.errors]).toEqual([1, expect.stringContaining('no configuration at')])
  })

  test('reads no further than its reader takes', async () => {
    const input = new PassThrough()
    let [taken, release] = [0, () => {}]
    const output = new Writable({ highWaterMark: 1, write: (_, __, done) => { taken++; release = done } })
    const done = route({}, { input, output, log: () => {} })
    input.write(linesFrom({ text: 'the first line' }))
    await expect.poll(() => taken, { timeout: 20_000 }).toBe(1)
    for (let i = 0; i < 5; i++) {
      input.write(linesFrom({ text: `line ${i}` }))
      await new Promise(resolve => setImmediate(resolve))
    }
    expect(taken).toBe(1)
    const first = release
    first()
    await expect.poll(() => taken, { timeout: 20_000 }).toBe(2)
    input.end()
    output.destroy()
    await done
    expect(taken).toBe(2)
  })

  test('ends in peace when its reader has seen enough', async () => {
    const child = spawn(process.execPath, [join(root, 'src/cli/main.ts'), 'route', '--jsonl'], { cwd: root })
    let errors = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => { errors += text })
    child.stdin.on('error', () => {})
    child.stdin.end(linesFrom({ text: 'weather' }).repeat(20_000))
    child.stdout.once('data', () => child.stdout.destroy())
    const code = await new Promise(resolve => child.once('close', resolve))
    expect([code, errors]).toEqual([0, ''])
  })
})
