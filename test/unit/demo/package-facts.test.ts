import { describe, expect, it } from 'vitest'
import { factsFor, factsOf } from '../../../examples/docs-search/server/package-facts.ts'

const packages = new Map(['react', 'zod', '@types/node', 'node', 'about'].map(name => [name, factsOf(name, { version: '1.2.3', license: 'MIT', homepage: 'https://example.com/' })]))
const asks = (query: string) => {
  const facts = factsFor(query, packages)
  return facts && [facts.name, ...facts.asked ?? []]
}

describe('a package\'s own facts', () => {
  it('are read from whatever package.json has', () => {
    const { facts } = factsOf('x', {
      version: '1.0.0', license: { type: 'ISC' }, homepage: 'javascript:alert(1)', repository: { url: 'git+ssh://git@github.com/a/b.git' },
      author: 'Ann <ann@example.com> (https://example.com)', engines: { node: '>=20', npm: 7 },
    })
    expect(facts).toEqual([
      { name: 'version', value: '1.0.0' }, { name: 'license', value: 'ISC' }, { name: 'repository', value: 'https://github.com/a/b' },
      { name: 'author', value: 'Ann' }, { name: 'engines', value: 'node >=20' },
    ])
  })

  it.each(['github:a/b', 'a/b', 'git://github.com/a/b.git', 'git@github.com:a/b.git', 'https://github.com/a/b.git'])('know the repository %s', repository => {
    expect(factsOf('x', { repository }).facts).toEqual([{ name: 'repository', value: 'https://github.com/a/b' }])
  })

  it.each([null, [], 'text', { version: 7, license: [], engines: 'any', author: null }])('are none for %j', manifest => {
    expect(factsOf('x', manifest).facts).toEqual([])
  })
})

describe('a query for them', () => {
  it.each([
    ['license of react', ['react', 'license']],
    ['zod version', ['zod', 'version']],
    ['What is the version of Zod?', ['zod', 'version']],
    ['react’s licence', ['react', 'license']],
    ['homepage and license of react', null],
    ['react', ['react']],
    ['@types/node version', ['@types/node', 'version']],
    ['about', ['about']],
    ['about zod', ['zod']],
  ])('%j', (query, expected) => {
    expect(asks(query)).toEqual(expected)
  })

  it.each(['react hooks', 'license', 'version of nothing', '', '?', 'react or zod version', '__proto__ version'])('is not %j', query => {
    expect(asks(query)).toBeNull()
  })

  it('puts what was asked first', () => {
    expect(factsFor('license of react', packages)!.facts.map(fact => fact.name)).toEqual(['license', 'version', 'homepage'])
  })
})
