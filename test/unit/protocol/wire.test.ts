import { readdirSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isCatalog, isCeiling, isOptIn, isReceipt } from '../../../src/core/index.ts'
import { encodeDone, encodeKeepAlive, encodePart, readEvents, readParts, schemas } from '../../../src/protocol/index.ts'
import type { StreamPart } from '../../../src/protocol/index.ts'
import { at, changed, failedStream, golden, objectStream, otherTypes, placesIn, shapes, stream } from './fixtures.ts'

test('every golden JSON has its schema', () => {
  const files = readdirSync(new URL('../../fixtures/wire', import.meta.url))
  expect(files.filter(file => file.endsWith('.json')).map(file => file.replace('.json', '')).toSorted()).toEqual(Object.keys(shapes).toSorted())
  expect(files.filter(file => file.endsWith('.txt')).toSorted()).toEqual(['stream-failed.txt', 'stream-object.txt', 'stream.txt'])
})

describe.each(Object.entries(shapes))('%s', (shape, schema) => {
  const value = golden(shape)
  // A problem's own fields are checked; what else travels with it belongs to its type.
  const places = placesIn(value).filter(([root]) => shape !== 'problem' || ['type', 'title', 'status', 'detail'].includes(String(root)))

  test('is parsed to what it is', () => {
    expect(schema.safeParse(value)).toEqual({ success: true, data: value })
  })

  // Any JSON may stand where an opt-in does: the server reads it against the run. A result's object is the feature's own.
  const free = places.filter(path => !(shape.startsWith('run-request') && path[0] === 'optIn'))

  test('is refused with any field of another type', () => {
    const wrong = free.flatMap(path => otherTypes(at(value, path)).map(other => ({ path, other })))
      .filter(({ path, other }) => schema.safeParse(changed(value, path, () => other)).success !== mayBe(path, other, value))
    expect(wrong).toEqual([])
  })

  test('is refused without any field it needs', () => {
    const wrong = free.filter(path => typeof path.at(-1) === 'string')
      .filter(path => schema.safeParse(changed(value, path, () => undefined)).success !== mayLack(shape, path))
    expect(wrong).toEqual([])
  })

  test('keeps nothing that does not belong to it', () => {
    const result = schema.safeParse({ ...value as object, stranger: 1 })
    expect(result).toEqual({ success: true, data: shape === 'problem' ? { ...value as object, stranger: 1 } : value })
  })
})

/** Where the golden JSON has `null`, what may stand instead: a text for a name, and never a figure made of something else. */
function mayBe(path: readonly (string | number)[], other: unknown, value: unknown): boolean {
  if (at(value, path) !== null) return false
  const field = String(path.at(-1))
  return field === 'tasks' ? Array.isArray(other) : ['signature', 'owner', 'estimate', 'optIn'].includes(field) && typeof other === 'string'
}

/** Fields that may be left out: the person's page need not fill in what has a safe default. */
function mayLack(shape: string, path: readonly (string | number)[]): boolean {
  const name = path.join('.')
  if (shape.startsWith('run-request')) return ['tier', 'effort', 'optIn', 'trigger', 'estimate', 'input.query'].includes(name)
  // A policy says only what it changes, and a budget which runs it is for only where it is not for all.
  if (shape.startsWith('policy')) return /^(inForce\.)?(limits|features)\.[^.]+$|^(limits|features)\.[^.]+\.\w+$|^inForce\.budgets\.\d+\.limit\.\w+$/.test(name)
  // A receipt whose run nobody is left to speak of does not say how its cost is known.
  if (shape !== 'estimate' && /^((runs\.\d+\.)?receipt\.)?provenance$/.test(name)) return true
  if (name.endsWith('provenance.stars')) return true
  if (shape === 'opt-ins-answer' && /^records\.\d+\.after$/.test(name)) return true
  if (shape === 'usage') return ['written', 'batch'].includes(name)
  // Classes of token that cost what a wider class does, and what is known of some models only.
  if (/\.price\./.test(name)) return ['written', 'reasoning', 'long', 'batch'].includes(String(path.at(-1)))
  // Features come and go, and what their runs taught is there once there were any.
  if (/^features\.[^.]+(\.count|\.lengths(\.large(\.(none|high))?)?|\.spread(\.fixture\/\w+(\.\w+)?)?|\.adequacy(\.fixture\/[\w@]+)?)?$/.test(name)) return true
  return /(^|\.)only(\.\w+)?$/.test(name) || ['purpose', 'structured', 'adequate', 'starsFrom', 'strength', 'attention', 'most', 'embodied'].includes(String(path.at(-1)))
}

describe('a request without what has a default', () => {
  test('gets the careful one', () => {
    const { id, feature, input, ceiling } = golden('run-request-text') as Record<string, unknown>
    expect(schemas.runRequest.parse({ id, feature, input, ceiling })).toEqual({ id, feature, input, ceiling, tier: 'eco', effort: 'none', trigger: 'background', estimate: null })
  })
})

describe('core\'s own guards', () => {
  const guards: [string, (value: unknown) => boolean, 'deep' | 'bones'][] = [
    ['opt-in', isOptIn, 'deep'], ['ceiling', isCeiling, 'deep'], ['receipt', isReceipt, 'bones'], ['catalog', isCatalog, 'bones'],
  ]
  const checked: Record<string, readonly string[]> = { receipt: ['id', 'feature', 'status', 'choice', 'usage', 'cost', 'budgets', 'at'], catalog: ['version', 'models', 'features', 'policy'] }

  test.each(guards)('accept the golden %s, and nothing with a field gone or of another type', (shape, guard, depth) => {
    const value = golden(shape)
    expect(guard(value)).toBe(true)
    const places = placesIn(value).filter(path => depth === 'deep' || (path.length === 1 && checked[shape]!.includes(String(path[0]))))
    fc.assert(fc.property(fc.constantFrom(...places), fc.oneof(fc.constant(undefined), fc.jsonValue()), (path, other) => {
      const old = at(value, path)
      fc.pre(typeof other !== typeof old && !(other === null && ['usd', 'wh', 'lapsesAt'].includes(String(path.at(-1)))))
      // An opt-in's scope is a word or a number of days.
      fc.pre(!(path[0] === 'scope' && ['once', 'session', 'always'].includes(other as string)))
      expect(guard(changed(value, path, () => other))).toBe(false)
    }))
  })

  test.each(guards)('%s: any JSON is looked at without a fault', (_, guard) => {
    fc.assert(fc.property(fc.jsonValue(), value => typeof guard(value) === 'boolean'))
  })

  test('accept nothing as an opt-in that its schema refuses', () => {
    const value = golden('opt-in')
    fc.assert(fc.property(fc.constantFrom(...placesIn(value)), fc.oneof(fc.constant(undefined), fc.jsonValue(), fc.constantFrom(0, -1, 1e300, '', 'max', 'x'.repeat(201))), (path, other) => {
      const candidate = changed(value, path, () => other)
      // The guard is the stricter one: it also holds days to ten years.
      expect(isOptIn(candidate) && !schemas.optIn.safeParse(candidate).success).toBe(false)
    }), { numRuns: 500 })
  })
})

const bodyOf = (chunks: readonly Uint8Array[]) => new ReadableStream<Uint8Array>({
  start(controller) {
    for (const chunk of chunks) controller.enqueue(chunk)
    controller.close()
  },
})

async function read(chunks: readonly Uint8Array[]): Promise<StreamPart[]> {
  const parts: StreamPart[] = []
  for await (const part of readParts(bodyOf(chunks))) parts.push(part)
  return parts
}

const bytes = (text: string) => new TextEncoder().encode(text)

describe.each([['a whole run', stream], ['a run that failed', failedStream], ['a run whose answer is an object', objectStream]])('the stream of %s', (_, golden) => {
  test('is written byte for byte', async () => {
    const parts = await read([bytes(golden)])
    expect(parts.map(encodePart).join('') + encodeDone()).toBe(golden)
  })

  test('is read the same however it is cut, with comments and either line end', { timeout: 30_000 }, async () => {
    const whole = await read([bytes(golden)])
    const cuts = fc.array(fc.nat({ max: bytes(golden).length }), { maxLength: 30 })
    await fc.assert(fc.asyncProperty(cuts, fc.constantFrom('\n', '\r\n'), fc.boolean(), async (places, end, commented) => {
      const text = commented ? golden.replaceAll('\n\n', `\n\n${encodeKeepAlive()}`) : golden
      const all = bytes(text.replaceAll('\n', end))
      const sorted = [0, ...places.toSorted((a, b) => a - b), all.length]
      expect(await read(sorted.slice(1).map((place, i) => all.slice(sorted[i], place)))).toEqual(whole)
    }))
  })

  test('opens and closes every text, and ends', async () => {
    const steps = (await read([bytes(golden)])).flatMap(part => 'id' in part && typeof part.id === 'string' ? [`${part.type.split('-')[1]} ${part.id}`] : [])
    const ids = [...new Set(steps.map(step => step.split(' ')[1]))]
    for (const id of ids) expect(steps.filter(step => step.endsWith(` ${id}`)).join()).toMatch(/^start \d(,delta \d)+,end \d$/)
    expect(golden).toMatch(/"type":"(finish|error)".*\n\ndata: \[DONE\]\n\n$/)
  })

  test('carries a choice, a receipt and a problem that fit their schemas', async () => {
    const fit: Record<string, { parse(value: unknown): unknown }> = { 'data-choice': schemas.choice, 'data-receipt': schemas.receipt, 'data-problem': schemas.problem }
    const told = (await read([bytes(golden)])).flatMap(part => part.type in fit && 'data' in part ? [part] : [])
    expect(told.map(({ type, data }) => fit[type]!.parse(data))).toEqual(told.map(({ data }) => data))
    expect(told.length).toBeGreaterThanOrEqual(2)
  })
})

describe('reading a stream', () => {
  test('skips kinds that nobody knows yet, and what is none', async () => {
    const text = 'data: {"type":"data-weather","data":1}\n\ndata: null\n\ndata: 7\n\ndata: {"type":5}\n\nevent: x\nid: 1\nretry: 5\ndata: {"type":"finish"}\n\n'
    expect((await read([bytes(text)])).map(({ type }) => type)).toEqual(['data-weather', 'finish'])
  })

  test('fails for an event that is no JSON', async () => {
    await expect(read([bytes('data: {"type":\n\n')])).rejects.toThrow(SyntaxError)
  })

  test('ends at [DONE], whatever follows', async () => {
    expect(await read([bytes(`${encodePart({ type: 'finish' })}${encodeDone()}data: no\n\n`)])).toEqual([{ type: 'finish' }])
  })

  test('reads a last event that was not closed', async () => {
    expect(await read([bytes('data: {"type":"finish"}')])).toEqual([{ type: 'finish' }])
  })

  test('passes on that the connection broke', async () => {
    const body = new ReadableStream<Uint8Array>({ pull: controller => controller.error(new Error('torn')) })
    await expect(readParts(body).next()).rejects.toThrow('torn')
  })

  test('lets go of the body when nobody reads on', async () => {
    let cancelled = false
    const body = new ReadableStream<Uint8Array>({
      pull: controller => controller.enqueue(bytes('data: {"type":"start","messageId":"a"}\n\n')),
      cancel: () => { cancelled = true },
    })
    const parts = readParts(body)
    await parts.next()
    await parts.return(undefined)
    expect(cancelled).toBe(true)
  })

  test('hears all bytes, also comments', async () => {
    let heard = 0
    const events: string[] = []
    for await (const event of readEvents(bodyOf([bytes(': one\n\n'), bytes(': two\n\n'), bytes('data: x\n\n')]), () => heard++)) events.push(event)
    expect([heard, events]).toEqual([4, ['x']])
  })

  test('any text survives', { timeout: 30_000 }, async () => {
    await fc.assert(fc.asyncProperty(fc.string({ unit: 'binary' }), async delta => {
      const part: StreamPart = { type: 'text-delta', id: '0', delta: delta.toWellFormed() }
      expect(await read([bytes(encodePart(part))])).toEqual([part])
    }))
  })
})
