import { describe, expect, it } from 'vitest'
import { leadingSentences, quotesFrom } from '../../../examples/docs-search/server/quotes.ts'
import { numberPassages, readQuotes } from '../../../examples/docs-search/shared/passages.ts'
import { createIndex } from '../../../src/baseline/index.ts'

const context = { feature: 'answer', signal: new AbortController().signal }
const index = createIndex([
  { id: 'ky', title: 'ky', text: '# ky\n\n## timeout\n\nDefault: `10000`\n\nMilliseconds to wait for a response.\n\n## retry\n\nNetwork errors are sent again.' },
  { id: 'redis', title: 'redis', text: '# redis\n\nCommands have a timeout, which by default is none.' },
])
const passages = [
  { n: 1, source: 'ky', title: 'timeout', passage: 'Default: `10000`\n\nMilliseconds to wait for a response.' },
  { n: 2, title: 'redis', passage: 'Commands have a timeout, which by default is none.' },
]
const ask = async (query: string, from = passages) => readQuotes(await quotesFrom(index)({ text: numberPassages(from), query }, context))

describe('quotes', () => {
  it('are read under the title and heading of their passage', async () => {
    expect((await ask('what is the default timeout in ky?'))[0]).toEqual({ text: 'Default: `10000`', cites: 1 })
  })

  it.each(['how do I reset my bank account password?', 'where is Mongolia?'])('are none for %j', async query => {
    expect(await ask(query)).toEqual([])
  })

  it.each([[{ text: '' }], [{ text: '', query: 'timeout' }], [{ text: 'No numbers here.', query: 'timeout' }], [{ messages: [{ role: 'user' as const, content: 'timeout' }] }]])('are none of %j', async input => {
    expect(await quotesFrom(index)(input, context)).toBe('')
  })

  it('survive a number that comes twice', async () => {
    expect((await ask('default timeout', [...passages, ...passages])).map(({ cites }) => cites)).toContain(2)
  })
})

it('summarises with sentences on one line each, the marks of a quotation gone', async () => {
  expect(await leadingSentences({ text: '# Kiln\n\n> Kiln bakes templates\n> ahead of time, and keeps them warm for you.\n' }, context)).toBe('Kiln bakes templates ahead of time, and keeps them warm for you.')
})
